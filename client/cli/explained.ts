import type { Command } from 'commander';
import { cliTexts } from '../texts/cli-texts.ts';
import type { CommandText } from '../texts/english/command-text.ts';

interface ProgramText {
  readonly about: string;
  readonly options: Readonly<Record<string, string>>;
  /** Commands that only hold others. */
  readonly groups: Readonly<Record<string, string>>;
}

/** Puts the words of a table into the help of a program and of the commands below it. */
export function explained(
  program: Command,
  about: ProgramText,
  commands: Readonly<Record<string, CommandText>>,
): Command {
  program.description(about.about).helpOption('-h, --help', cliTexts.programs.help);
  describeOptions(program, about.options);
  title(program);
  for (const group of program.commands) group.description(about.groups[group.name()] ?? '');
  for (const [path, command] of commandsBelow(program, [])) {
    const text = commands[path];
    if (text === undefined) continue;
    command.description(text.does);
    for (const argument of command.registeredArguments)
      argument.description = text.arguments?.[argument.name()] ?? '';
    describeOptions(command, text.options ?? {});
    const examples = text.examples.map((line) => `  ${line}`).join('\n');
    command.addHelpText('after', `\n${cliTexts.programs.examples}:\n${examples}`);
  }
  return program;
}

function title(command: Command): void {
  const titles: Readonly<Record<string, string>> = cliTexts.programs.titles;
  command.configureHelp({
    styleTitle: (title) => titles[title] ?? title,
    // Without "[options]" the column is narrow enough for the descriptions to be wrapped at 80 columns.
    subcommandTerm: (below) => `${below.name()} ${below.usage()}`.replace(' [options]', '').trimEnd(),
  });
  for (const below of command.commands) title(below);
}

function describeOptions({ options }: Command, words: Readonly<Record<string, string>>): void {
  for (const option of options) option.description = words[option.long ?? ''] ?? '';
}

/** Every command that does something, by the words that lead to it. */
export function commandsBelow(
  command: Command,
  above: readonly string[],
): readonly (readonly [path: string, command: Command])[] {
  return command.commands.flatMap((below) => {
    const path = [...above, below.name()];
    return below.commands.length > 0 ? commandsBelow(below, path) : [[path.join(' '), below] as const];
  });
}
