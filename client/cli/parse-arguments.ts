import { type Command, CommanderError } from 'commander';
import { usageTexts } from '../texts/usage-texts.ts';
import { EXIT_DONE, usage } from './exit-codes.ts';
import { usageFailure } from './usage-errors.ts';

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
    throw usage(usageTexts.no_command);
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return true;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === EXIT_DONE) return false;
    throw error;
  }
}

/** Makes a program and its commands throw in place of ending the process, and write where they are told. */
export function throwing(program: Command, written: Written): Command {
  const output = { writeOut: written.out, writeErr: () => undefined };
  program.showSuggestionAfterError(true).configureOutput(output);
  for (const command of [program, ...below(program)]) {
    command.configureOutput(output).exitOverride((error) => {
      throw error.exitCode === EXIT_DONE ? error : usageFailure(command, error);
    });
    if (command !== program) command.helpOption('-h, --help', 'explain this command');
  }
  return program;
}

function below(command: Command): readonly Command[] {
  return command.commands.flatMap((next) => [next, ...below(next)]);
}
