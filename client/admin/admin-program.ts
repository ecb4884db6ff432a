import { Command } from 'commander';
import { adminExitCodes, usage } from '../cli/exit-codes.ts';
import { explained } from '../cli/explained.ts';
import { parseArguments, throwing, type Written } from '../cli/parse-arguments.ts';
import type { SureOptions } from '../cli/sure.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { changeAccount, purgeRoom } from './account-commands.ts';
import type { AdminContext } from './admin-context.ts';
import type { AdminOptions } from './admin-settings.ts';
import { printInvite, rotateSecret, schema } from './cluster-commands.ts';
import { drainNode, listNodes, shedSessions } from './node-commands.ts';

/** What an operator does most. */
const examples = [
  'conclave-admin nodes',
  'conclave-admin --url http://10.0.0.5:9464 --token-file ./token drain gateway-2',
  'conclave-admin --json shed gateway-1 500',
  'conclave-admin disable mallory',
  'conclave-admin invite > code-for-alice',
] as const;

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
    .version(version, '-V, --version')
    .helpCommand('help [command]', cliTexts.programs.help)
    .option('--url <url>')
    .option('--token-file <file>')
    .option('--timeout <seconds>')
    .option('--json')
    .option('--no-input')
    .addHelpText('after', cliTexts.programs.admin.after(adminExitCodes(), examples));
  nodeCommands(program, choose);
  accountCommands(program, choose);
  clusterCommands(program, choose);
  return throwing(explained(program, cliTexts.programs.admin, cliTexts.adminCommands), written);
}

function nodeCommands(program: Command, choose: (run: Run) => void): void {
  program.command('nodes').action(() => choose(listNodes));
  program.command('drain <node>').action((node: string) => choose((context) => drainNode(context, node)));
  program
    .command('shed <node> <count>')
    .action((node: string, count: string) =>
      choose((context) => shedSessions(context, node, parsedCount(count))),
    );
}

function accountCommands(program: Command, choose: (run: Run) => void): void {
  for (const action of ['revoke', 'disable', 'enable'] as const)
    program
      .command(`${action} <name>`)
      .action((name: string) => choose((context) => changeAccount(context, action, name)));
  program
    .command('purge <room>')
    .option('--yes')
    .action((room: string, options: SureOptions) => choose((context) => purgeRoom(context, room, options)));
}

function clusterCommands(program: Command, choose: (run: Run) => void): void {
  program.command('invite').action(() => choose(printInvite));
  program.command('rotate-secret').action(() => choose(rotateSecret));
  program
    .command('schema [number]')
    .option('--yes')
    .action((number: string | undefined, options: SureOptions) =>
      choose((context) => schema(context, number, options)),
    );
}

function parsedCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw usage(filled(cliTexts.admin.bad_count, { given: text }));
  return Number(text);
}
