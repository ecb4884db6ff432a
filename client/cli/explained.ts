import type { Command } from 'commander';
import type { CommandText } from '../texts/command-texts.ts';

/** Puts the arguments and examples of a table into the help of the commands below a program. */
export function explained(program: Command, texts: Readonly<Record<string, CommandText>>): Command {
  for (const [path, command] of commandsBelow(program, [])) {
    const text = texts[path];
    if (text === undefined) continue;
    for (const argument of command.registeredArguments)
      argument.description = text.arguments?.[argument.name()] ?? argument.description;
    command.addHelpText('after', `\nExamples:\n${text.examples.map((line) => `  ${line}`).join('\n')}`);
  }
  return program;
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
