import type { Readable, Writable } from 'node:stream';
import type { ConclaveClient } from '../sdk/api.ts';
import { texts } from '../texts/texts.ts';
import type { Account } from './account.ts';
import type { ChosenCommand } from './chosen-command.ts';
import type { CommandContext } from './command-context.ts';
import { failedCode } from './command-end.ts';
import { tellConnecting } from './connecting.ts';
import { Deadline, ONE_SHOT_TIMEOUT_MS } from './deadline.ts';
import { EXIT_DONE, failureOf, interruption } from './exit-codes.ts';
import { printNotices } from './notices.ts';
import { Output } from './output.ts';
import { afterDashes } from './parse-arguments.ts';
import { parseCommandLine } from './program.ts';
import { warnIfExposed } from './secret-file.ts';
import { type Environment, readSettings } from './settings.ts';
import { Terminal } from './terminal.ts';

/** The process as the command line sees it. */
export interface Edge {
  readonly argv: readonly string[];
  readonly environment: Environment;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly version: string;
  /** Aborted by SIGHUP, SIGINT or SIGTERM, and when standard output takes nothing more: then the reason is OutputEnded. */
  readonly interrupted: AbortSignal;
  /** Ends the process at once. An ordinary exit would wait for ever for a thread that waits for a lock. */
  readonly abandon: () => void;
}

/** Runs one command and gives its exit code; never throws. */
export async function runCli(edge: Edge): Promise<number> {
  const output = new Output({ json: edge.argv.includes('--json'), stdout: edge.stdout, stderr: edge.stderr });
  let chosen: ChosenCommand | undefined;
  try {
    chosen = await parseCommandLine(edge.argv, edge.version, {
      out: (text) => edge.stdout.write(text),
      err: (text) => edge.stderr.write(text),
    });
    return chosen === undefined ? EXIT_DONE : await runChosen(chosen, edge, output);
  } catch (error) {
    return failedCode(failureOf(error, chosen?.about), output, edge.interrupted);
  }
}

async function runChosen(chosen: ChosenCommand, edge: Edge, output: Output): Promise<number> {
  const settings = readSettings(chosen.options, edge.environment);
  if (settings.passphrase.kind === 'file')
    await warnIfExposed(output, settings.passphrase.path, settings.passphrase.option);
  const deadline = new Deadline(settings.timeoutMs ?? (chosen.oneShot ? ONE_SHOT_TIMEOUT_MS : undefined));
  const terminal = new Terminal({
    mayAsk: settings.mayAsk,
    interrupted: edge.interrupted,
    asking: (question) => deadline.pausedFor(question),
  });
  let account: Promise<Account> | undefined;
  let client: Promise<ConclaveClient> | undefined;
  const context: CommandContext = {
    settings,
    environment: edge.environment,
    output,
    terminal,
    stdin: edge.stdin,
    stdout: edge.stdout,
    deadline,
    afterDashes: afterDashes(edge.argv),
    interrupted: edge.interrupted,
    account: () => {
      account ??= import('./account.ts').then(async ({ openAccount }) => {
        const opened = await openAccount(settings, terminal, chosen.givesAway === true ? undefined : output);
        if (opened.remark !== undefined) output.note(opened.remark);
        return opened;
      });
      return account;
    },
    connected: () => {
      client ??= connect(context);
      return client;
    },
  };
  try {
    await deadline.race(untilInterrupted(chosen.run(context), edge.interrupted, chosen.graceMs));
    return EXIT_DONE;
  } finally {
    await closeAll(account, edge, deadline);
    deadline.clear();
  }
}

/** A command that hears of the interrupt itself has this long to say what is lost. */
const INTERRUPT_GRACE_MS = 250;

async function untilInterrupted(
  work: Promise<void>,
  interrupted: AbortSignal,
  graceMs = INTERRUPT_GRACE_MS,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  const cut = new Promise<never>((_, reject) => {
    stop = (): void => {
      timer = setTimeout(() => reject(interruption()), graceMs);
    };
    interrupted.addEventListener('abort', stop, { once: true });
    if (interrupted.aborted) stop();
  });
  try {
    await Promise.race([work, cut]);
  } finally {
    clearTimeout(timer);
    interrupted.removeEventListener('abort', stop);
  }
}

async function connect(context: CommandContext): Promise<ConclaveClient> {
  const { client } = await context.account();
  void printNotices(client, context.output);
  tellConnecting(client, context.output, context.deadline);
  // The deadline ends it: of two timers, either might be the first.
  await client.connect();
  context.deadline.noteConnected(connectionOf(client));
  return client;
}

function connectionOf({ status }: ConclaveClient): string | undefined {
  return status.state === 'online' ? status.connection : undefined;
}

/** A server that does not answer, and a disk, have this long. */
const CLOSE_MS_MAX = 10_000;

/** Ends presence and gives the profile back, whatever became of the command. */
async function closeAll(
  account: Promise<Account> | undefined,
  edge: Edge,
  { expired }: Deadline,
): Promise<void> {
  const tooLong = setTimeout(() => {
    edge.stderr.write(`${texts.local.profile_stuck}\n`);
    edge.abandon();
  }, CLOSE_MS_MAX);
  try {
    await (await account)?.close({ signal: AbortSignal.any([edge.interrupted, expired]) });
  } catch {
    // The command's own failure is the one to tell: an account that did not open has nothing to close.
  } finally {
    clearTimeout(tooLong);
  }
}
