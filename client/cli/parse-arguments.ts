import { type Command, CommanderError } from 'commander';
import { EXIT_DONE, usage } from './exit-codes.ts';

export interface Written {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs the action of the chosen command. False: help or the version was shown instead. Throws a usage failure. */
export async function parseArguments(
  program: Command,
  argv: readonly string[],
  written: Written,
): Promise<boolean> {
  if (argv.length === 0) {
    written.err(program.helpInformation());
    throw usage('say what to do: one of the commands above');
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return true;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === EXIT_DONE) return false;
    throw usage(
      `${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; see ${program.name()} --help`,
    );
  }
}

/** Makes a program and its commands throw in place of ending the process, and write where they are told. */
export function throwing(program: Command, written: Written): Command {
  const output = { writeOut: written.out, writeErr: () => undefined };
  program.showSuggestionAfterError(true).exitOverride().configureOutput(output);
  for (const command of below(program))
    command.exitOverride().helpOption('--help', 'explain this command').configureOutput(output);
  return program;
}

function below(command: Command): readonly Command[] {
  return command.commands.flatMap((next) => [next, ...below(next)]);
}
