import { Command, CommanderError, InvalidArgumentError } from 'commander';

/** What to print in place of running a program: its help, or what is wrong with its arguments. */
export interface Refusal {
  readonly exitCode: number;
  readonly text: string;
}

const HELP_COLUMNS = 110;
const EXIT_USAGE = 2;

/** `describe` gives the program its options, and a function that reads them. Neither prints nor ends the process. */
export function parseCommand<Options>(
  name: string,
  args: readonly string[],
  describe: (program: Command) => () => Options,
): Options | Refusal {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const columns = (): number => HELP_COLUMNS;
  const program = new Command(name)
    .exitOverride()
    .showHelpAfterError(`See ${name} --help`)
    .configureOutput({
      ...{ writeOut: write, writeErr: write },
      ...{ getOutHelpWidth: columns, getErrHelpWidth: columns },
    });
  const read = describe(program);
  try {
    program.parse([...args], { from: 'user' });
    return read();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { exitCode: error.exitCode === 0 ? 0 : EXIT_USAGE, text: text.trimEnd() };
  }
}

/** Prints it, and gives the exit code. */
export function refuse({ exitCode, text }: Refusal): number {
  (exitCode === 0 ? console.log : console.error)(text);
  return exitCode;
}

/** The parser of an option, of which `parse` gives undefined when it is not `what`. */
export function parser<Value>(what: string, parse: (text: string) => Value | undefined) {
  return (text: string): Value => {
    const value = parse(text);
    if (value === undefined) throw new InvalidArgumentError(`It must be ${what}.`);
    return value;
  };
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return parser(`a whole number from ${min} to ${max}`, (text) => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
  });
}
