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

Each setting comes from its option, else from the environment
(CONCLAVE_ADMIN_URL, CONCLAVE_ADMIN_TOKEN_FILE or CONCLAVE_ADMIN_TOKEN). Without
either, the command talks to the gateway on this machine, at the gateway's own
CONCLAVE_ADMIN_HOST and CONCLAVE_ADMIN_PORT, with the token from the file
admin-token in its data directory (CONCLAVE_DATA_DIR, by default ./data).`;

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
    .option('--token-file <file>', "read the gateway's admin token from a file")
    .option('--timeout <seconds>', 'stop after this time (default: 30)')
    .option('--json', 'print one JSON object per line to standard output')
    .addHelpText('after', afterHelp);
  nodeCommands(program, choose);
  accountCommands(program, choose);
  clusterCommands(program, choose);
  return throwing(explained(program, adminCommandTexts), written);
}

function nodeCommands(program: Command, choose: (run: Run) => void): void {
  program
    .command('nodes')
    .description('list the gateways of the cluster, as each reported a moment ago')
    .action(() => choose(listNodes));
  program
    .command('drain <node>')
    .description('move all clients of a gateway elsewhere, as SIGTERM does; its process then exits with 0')
    .action((node: string) => choose((context) => drainNode(context, node)));
  program
    .command('shed <node> <count>')
    .description('move COUNT randomly chosen sessions of a gateway elsewhere; it stays ready')
    .action((node: string, count: string) =>
      choose((context) => shedSessions(context, node, parsedCount(count))),
    );
}

function accountCommands(program: Command, choose: (run: Run) => void): void {
  const actions = [
    ['revoke', 'end every session and invalidate every token of a user, who may log in again'],
    ['disable', 'the same, and refuse further logins of the user'],
    ['enable', 'let a disabled user log in again'],
  ] as const;
  for (const [action, what] of actions)
    program
      .command(`${action} <name>`)
      .description(what)
      .action((name: string) => choose((context) => changeAccount(context, action, name)));
  program
    .command('purge <room>')
    .description('delete a room and all its stored messages; asks first on a terminal')
    .option('--yes', 'do not ask')
    .action((room: string, options: { readonly yes?: boolean }) =>
      choose((context) => purgeRoom(context, room, options)),
    );
}

function clusterCommands(program: Command, choose: (run: Run) => void): void {
  program
    .command('invite')
    .description(
      'print a code that lets one person register within 24 hours; needs CONCLAVE_REGISTRATION=invite',
    )
    .action(() => choose(printInvite));
  program
    .command('rotate-secret')
    .description(
      'sign tokens with a new secret; those signed with the previous one stay valid for another 24 hours',
    )
    .action(() => choose(rotateSecret));
  program
    .command('schema [number]')
    .description(
      'print the schema of the store; with NUMBER, raise it, after an upgrade that will not be rolled back',
    )
    .action((number: string | undefined) => choose((context) => schema(context, number)));
}

function parsedCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw usage(filled(adminTexts.bad_count, { given: text }));
  return Number(text);
}
