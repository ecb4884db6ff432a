import { Command } from 'commander';
import { commandTexts } from '../texts/command-texts.ts';
import type { Values } from '../texts/filled.ts';
import type { Choose, ChosenCommand } from './chosen-command.ts';
import { accountCommands } from './commands/account-commands.ts';
import { helpCommands } from './commands/help-commands.ts';
import { roomCommands } from './commands/room-commands.ts';
import { rulingCommands } from './commands/ruling-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { explained } from './explained.ts';
import { parseArguments, throwing, type Written } from './parse-arguments.ts';
import type { GlobalOptions } from './settings.ts';

const description = `Talk in end-to-end encrypted rooms from the terminal and from scripts.

Each setting comes from its option, else from the environment (CONCLAVE_SERVER,
CONCLAVE_USER, CONCLAVE_PROFILE, CONCLAVE_PASSPHRASE_FILE, CONCLAVE_CACHE=off),
else from the profile.`;

/** What a newcomer does first. */
export const firstSteps = [
  'conclave register alice',
  'conclave create Lobby',
  'conclave send Lobby "Hello"',
  'conclave tail Lobby --follow',
] as const;

const epilogue = `
Exit codes: ${exitCodes.map(({ code, meaning }) => `${code} ${meaning}`).join(', ')}.

First steps:
${firstSteps.map((step) => `  ${step}`).join('\n')}`;

/** Gives the chosen command, or undefined when help or the version was shown. Throws a usage failure. */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
  written: Written,
): Promise<ChosenCommand | undefined> {
  let chosen: Pick<ChosenCommand, 'run' | 'oneShot'> | undefined;
  let about: Values = {};
  const program = buildProgram(version, written, (load, run, { oneShot } = { oneShot: true }) => {
    chosen = { run: async (context) => run(await load(), context), oneShot };
  });
  program.hook('preAction', (_program, command) => {
    about = valuesOf(command);
  });
  if (!(await parseArguments(program, argv, written))) return undefined;
  return chosen === undefined ? undefined : { ...chosen, about, options: program.opts<GlobalOptions>() };
}

/** `<room>`, and `<name>`: that is a user's, or a room's new one. */
function valuesOf(command: Command): Values {
  const named = command.registeredArguments.map((argument, i) => [argument.name(), command.args[i]] as const);
  const { room, name }: Readonly<Record<string, string | undefined>> = Object.fromEntries(named);
  return { room, user: name, name };
}

/** All commands and options: what is parsed, the help, and the documentation. */
export function buildProgram(version: string, written: Written, choose: Choose): Command {
  const program = new Command('conclave');
  program
    .description(description)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .option(
      '--server <url>',
      'the server: ws://host:port or wss://host (default: the profile’s, or ws://127.0.0.1:8080)',
    )
    .option('--user <name>', 'which of your accounts to use (default: the first one created for the server)')
    .option('--profile <dir>', 'where to keep keys and state (default: $XDG_DATA_HOME/conclave)')
    .option('--passphrase-file <file>', 'read the passphrase of your keys from a file')
    .option('--no-passphrase', 'keep your keys without a passphrase')
    .option('--timeout <seconds>', 'stop after this time (default: 30; none for send and tail --follow)')
    .option('--no-cache', 'neither store decrypted messages in the profile nor read them from it')
    .option('--json', 'print one JSON object per line to standard output')
    .option('--no-input', 'never ask; fail where an answer would be needed')
    .addHelpText('after', epilogue);
  accountCommands(program, choose);
  roomCommands(program, choose);
  rulingCommands(program, choose);
  helpCommands(program, written);
  return throwing(explained(program, commandTexts), written);
}
