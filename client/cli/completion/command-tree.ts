import type { Argument, Command, Option } from 'commander';

/** What can stand behind an option or as an argument, as far as a shell can know. */
export type Completion =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'files' }
  | { readonly kind: 'folders' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export interface OptionEntry {
  /** With its dashes. */
  readonly flag: string;
  /** Of one letter, with its dash. */
  readonly short: string | undefined;
  readonly description: string;
  /** Undefined: it stands alone. */
  readonly value: Completion | undefined;
}

/** A command with everything below it, as shells have to know it. */
export interface CommandEntry {
  /** The words that lead to it; none for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly CommandEntry[];
  /** Its own; those of the program may stand anywhere. */
  readonly options: readonly OptionEntry[];
  /** Of its first argument: that is as far as completion goes. */
  readonly argument: Completion;
}

export function commandTree(program: Command): CommandEntry {
  return entryOf(program, [], program);
}

/** Everything that can be typed for these options. */
export function allFlags(options: readonly OptionEntry[]): readonly string[] {
  return [...new Set(options.flatMap(({ flag, short }) => (short === undefined ? [flag] : [flag, short])))];
}

/** The entry and all below it. */
export function allEntries(entry: CommandEntry): readonly CommandEntry[] {
  return [entry, ...entry.commands.flatMap(allEntries)];
}

function entryOf(command: Command, path: readonly string[], program: Command): CommandEntry {
  return {
    path,
    description: command.description(),
    commands: command.commands.map((below) => entryOf(below, [...path, below.name()], program)),
    options: [...command.createHelp().visibleOptions(command)].map(optionOf),
    argument: argumentOf(command.registeredArguments[0], program),
  };
}

function optionOf(option: Option): OptionEntry {
  return {
    flag: option.long ?? option.flags,
    short: option.short,
    description: option.description,
    value: option.required || option.optional ? completionOf(option.flags, option.argChoices) : undefined,
  };
}

function argumentOf(argument: Argument | undefined, program: Command): Completion {
  if (argument === undefined) return { kind: 'nothing' };
  if (argument.name() === 'command')
    return { kind: 'words', words: program.commands.map((command) => command.name()) };
  return completionOf(`<${argument.name()}>`, argument.argChoices);
}

function completionOf(placeholder: string, choices: readonly string[] | undefined): Completion {
  if (choices !== undefined) return { kind: 'words', words: choices };
  if (placeholder.includes('<file>')) return { kind: 'files' };
  return placeholder.includes('<dir>') ? { kind: 'folders' } : { kind: 'nothing' };
}
