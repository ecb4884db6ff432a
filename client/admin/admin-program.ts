import { Command } from 'commander';
import { usage } from '../cli/exit-codes.ts';
import { explained } from '../cli/explained.ts';
import { parseArguments, throwing, type Written } from '../cli/parse-arguments.ts';
import { adminTexts } from '../texts/admin-texts.ts';
import { adminCommandTexts } from '../texts/command-texts.ts';
import { filled } from '../texts/filled.ts';
import { changeAccount, purgeRoom } from './account-commands.ts';
import type { AdminContext } from './admin-context.ts';
import type { AdminOptions } from './admin-settings.ts';
import { printInvite, rotateSecret, schema } from './cluster-commands.ts';
import { drainNode, listNodes, shedSessions } from './node-commands.ts';

const description = `Operate a cluster of Conclave gateways, through the admin port of any of them.

Settings are taken from the option, then the environment (CONCLAVE_ADMIN_URL,
CONCLAVE_ADMIN_TOKEN_FILE or CONCLAVE_ADMIN_TOKEN). Without either, the command
asks the gateway on this machine, at the CONCLAVE_ADMIN_HOST and
CONCLAVE_ADMIN_PORT that the gateway has, with the token in the gateway's data
directory (CONCLAVE_DATA_DIR, by default ./data), in the file admin-token.`;

const afterHelp = `
Exit codes: 0 done, 1 unexpected, 2 usage, 3 no connection, 4 token missing or wrong, 5 refused,
7 timed out or not confirmed, 130 interrupted.

Examples:
  conclave-admin nodes
  conclave-admin --url http://10.0.0.5:9464 --token-file ./token drain gateway-2
  conclave-admin --json shed gateway-1 500
  conclave-admin disable mallory
  conclave-admin invite > code-for-alice`;

type Run = (context: AdminContext) => Promise<void>;

export interface ChosenAction {
  readonly run: Run;
  readonly options: AdminOptions;
}

/** Gives the chosen command, or undefined when help or the version was shown. Throws a usage failure. */
export async function parseAdminLine(
  argv: readonly string[],
  version: string,
  written: Written,
): Promise<ChosenAction | undefined> {
  let chosen: Run | undefined;
  const program = buildAdminProgram(version, written, (run) => {
    chosen = run;
  });
  if (!(await parseArguments(program, argv, written)) || chosen === undefined) return undefined;
  return { run: chosen, options: program.opts<AdminOptions>() };
}

/** All commands and options: what is parsed, the help, and the documentation. */
export function buildAdminProgram(version: string, written: Written, choose: (run: Run) => void): Command {
  const program = new Command('conclave-admin');
  program
    .description(description)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .option('--url <url>', 'the admin port of any gateway (default: http://127.0.0.1:9464)')
    .option('--token-file <file>', "file with the gateway's admin token")
    .option('--timeout <seconds>', 'end after this time (default: 30)')
    .option('--json', 'one JSON object a line on standard output')
    .addHelpText('after', afterHelp);
  nodeCommands(program, choose);
  accountCommands(program, choose);
  clusterCommands(program, choose);
  return throwing(explained(program, adminCommandTexts), written);
}

function nodeCommands(program: Command, choose: (run: Run) => void): void {
  program
    .command('nodes')
    .description('list the gateways of the cluster, as each said itself a moment ago')
    .action(() => choose(listNodes));
  program
    .command('drain <node>')
    .description('move all clients of a gateway elsewhere, as SIGTERM does; its process then ends with 0')
    .action((node: string) => choose((context) => drainNode(context, node)));
  program
    .command('shed <node> <count>')
    .description('move so many sessions of a gateway, chosen at random, elsewhere; it stays ready')
    .action((node: string, count: string) =>
      choose((context) => shedSessions(context, node, parsedCount(count))),
    );
}

function accountCommands(program: Command, choose: (run: Run) => void): void {
  const actions = [
    ['revoke', 'end every session of a user and make every token useless; the user may log in again'],
    ['disable', 'the same, and take no login of the user any more'],
    ['enable', 'take logins of a disabled user again'],
  ] as const;
  for (const [action, what] of actions)
    program
      .command(`${action} <name>`)
      .description(what)
      .action((name: string) => choose((context) => changeAccount(context, action, name)));
  program
    .command('purge <room>')
    .description('delete a room and every stored message of it; asks first on a terminal')
    .option('--yes', 'do not ask')
    .action((room: string, options: { readonly yes?: boolean }) =>
      choose((context) => purgeRoom(context, room, options)),
    );
}

function clusterCommands(program: Command, choose: (run: Run) => void): void {
  program
    .command('invite')
    .description(
      'print a code that lets one person register within 24 hours, where CONCLAVE_REGISTRATION=invite',
    )
    .action(() => choose(printInvite));
  program
    .command('rotate-secret')
    .description('sign tokens with a new secret; those of the one before are accepted for 24 hours more')
    .action(() => choose(rotateSecret));
  program
    .command('schema [number]')
    .description(
      'print the schema of the store; with a number, raise it, after an upgrade that will not be taken back',
    )
    .action((number: string | undefined) => choose((context) => schema(context, number)));
}

function parsedCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw usage(filled(adminTexts.bad_count, { given: text }));
  return Number(text);
}
