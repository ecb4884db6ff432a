import { Command } from 'commander';
import { cliTexts } from '../texts/cli-texts.ts';
import type { Values } from '../texts/filled.ts';
import type { Choose, ChosenCommand } from './chosen-command.ts';
import { accountCommands } from './commands/account-commands.ts';
import { contactCommands } from './commands/contact-commands.ts';
import { helpCommands } from './commands/help-commands.ts';
import { roomCommands } from './commands/room-commands.ts';
import { rulingCommands } from './commands/ruling-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { explained } from './explained.ts';
import { parseNames, plainName } from './name-arguments.ts';
import { parseArguments, throwing, type Written } from './parse-arguments.ts';
import type { GlobalOptions } from './settings.ts';

/** What a newcomer does first. */
export const firstSteps = [
  'conclave register alice',
  'conclave create Lobby',
  'conclave send Lobby "Hello"',
  'conclave tail Lobby --follow',
] as const;

/** Gives the chosen command, or undefined when help or the version was shown. Throws a usage failure. */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
  written: Written,
): Promise<ChosenCommand | undefined> {
  let chosen: Pick<ChosenCommand, 'run' | 'oneShot' | 'graceMs' | 'givesAway'> | undefined;
  let about: Values = {};
  const program = buildProgram(version, written, (load, run, options = { oneShot: true }) => {
    chosen = { run: async (context) => run(await load(), context), ...options };
  });
  program.hook('preAction', (_program, command) => {
    about = valuesOf(command);
  });
  if (!(await parseArguments(program, argv, written))) return undefined;
  return chosen === undefined ? undefined : { ...chosen, about, options: program.opts<GlobalOptions>() };
}

/** What a refusal may name of what was typed. */
function valuesOf(command: Command): Values {
  const named = command.registeredArguments.map(
    (argument, i) =>
      [argument.name(), plainName(argument.name(), command.args[i] ?? '') || undefined] as const,
  );
  const { room, name }: Readonly<Record<string, string | undefined>> = Object.fromEntries(named);
  return { room, user: name, name };
}

/** All commands and options: what is parsed, the help, and the documentation. */
export function buildProgram(version: string, written: Written, choose: Choose): Command {
  const program = new Command('conclave');
  program
    .version(version, '-V, --version')
    .option('--server <url>')
    .option('--user <name>')
    .option('--profile <dir>')
    .option('--passphrase-file <file>')
    .option('--no-passphrase')
    .option('--no-agent')
    .option('--timeout <seconds>')
    .option('--no-cache')
    .option('--json')
    .option('--no-input')
    .addHelpText('after', cliTexts.programs.conclave.after(exitCodes(), firstSteps));
  accountCommands(program, choose);
  roomCommands(program, choose);
  contactCommands(program, choose);
  rulingCommands(program, choose);
  helpCommands(program, written);
  parseNames(program);
  return throwing(explained(program, cliTexts.programs.conclave, cliTexts.commands), written);
}
