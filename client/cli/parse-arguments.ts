import { type Command, CommanderError, type Option } from 'commander';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { EXIT_DONE, usage } from './exit-codes.ts';
import { pathOf, usageFailure } from './usage-errors.ts';

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
    throw usage(cliTexts.usage.no_command);
  }
  refuseSwallowed(program, argv);
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
    if (command !== program) command.helpOption('-h, --help', cliTexts.programs.help_of_command);
  }
  return program;
}

/** The words after the first `--`. */
export function afterDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? [] : argv.slice(end + 1);
}

/** An option that stands where the value of another should is no value: that one was forgotten. */
function refuseSwallowed(program: Command, argv: readonly string[]): void {
  const end = argv.indexOf('--');
  const typed = end < 0 ? argv : argv.slice(0, end);
  const commands = [program, ...below(program).filter((command) => typed.includes(command.name()))];
  const options = commands.flatMap((command) => command.options);
  for (const [i, given] of typed.entries()) {
    const isOption = options.some((option) => isFlag(option, typed[i + 1]));
    const owner = commands.find((command) =>
      command.options.some((option) => option.required && isFlag(option, given)),
    );
    if (isOption && owner !== undefined)
      throw usage(filled(cliTexts.usage.missing_value, { given, command: pathOf(owner) }));
  }
}

const isFlag = ({ long, short }: Option, word: string | undefined): boolean =>
  word !== undefined && (word === long || word === short);

function below(command: Command): readonly Command[] {
  return command.commands.flatMap((next) => [next, ...below(next)]);
}
