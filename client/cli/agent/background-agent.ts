import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { cliTexts } from '../../texts/cli-texts.ts';
import type { Account } from '../account.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure, EXIT_UNEXPECTED } from '../exit-codes.ts';

export interface AgentToStart extends Pick<Account, 'server' | 'user'> {
  readonly key: Uint8Array;
  /** Of the command. */
  readonly options: readonly string[];
}

const LINE_CHARS_MAX = 4_096;

/**
 * Starts an agent that outlives this process and its terminal, and waits until it listens. The key goes to it through a pipe; it never has
 * the passphrase.
 */
export async function startInBackground(
  { settings, environment, interrupted, deadline }: CommandContext,
  { server, user, key, options }: AgentToStart,
): Promise<void> {
  const account = ['--server', server, '--user', user, '--profile', resolve(settings.profileDir)];
  const command = ['--json', '--no-input', ...account, 'agent', ...options, '--key-on-stdin'];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...command], {
    // It keeps no folder busy, no terminal, and nobody waiting for the end of its output.
    ...{ cwd: '/', detached: true, env: environment },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const end = (): void => void child.kill();
  const given = AbortSignal.any([interrupted, deadline.expired]);
  given.addEventListener('abort', end, { once: true });
  try {
    // One that ended early says why on its output.
    child.stdin.on('error', () => undefined);
    child.stdin.end(key);
    const refusal = refusalIn(await firstLine(child));
    if (refusal !== undefined) throw new CommandFailure('agent', refusal, EXIT_UNEXPECTED);
  } finally {
    key.fill(0);
    given.removeEventListener('abort', end);
    child.stdout.destroy();
    child.unref();
  }
}

/** What it says first; it is empty if that never happens. */
async function firstLine(child: ChildProcess): Promise<string> {
  let line = '';
  const gone = once(child, 'close');
  const read = async (): Promise<void> => {
    for await (const part of child.stdout ?? []) {
      line += String(part);
      if (line.includes('\n') || line.length > LINE_CHARS_MAX) return;
    }
  };
  await Promise.race([read(), gone]);
  return line.split('\n')[0] ?? '';
}

/** Why it did not start; undefined: it listens. */
function refusalIn(line: string): string | undefined {
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said === 'object' && said !== null && 'type' in said) {
      if (said.type === 'agent') return undefined;
      if ('message' in said && typeof said.message === 'string') return said.message;
    }
  } catch {
    // It ended without a word.
  }
  return cliTexts.agent.not_started;
}
