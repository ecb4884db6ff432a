import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { endsWithUs } from '../support/programs/at-end.ts';

/** `npm run cluster` as its own process, driven by lines as a person would. */
export interface ClusterProcess extends AsyncDisposable {
  /** Where clients connect. */
  readonly url: string;
  readonly lines: readonly string[];
  /** Writes a command and waits for a line of the answer, among those printed after it. */
  ask(command: string, answer: RegExp, options?: { readonly deadlineMs?: number }): Promise<string>;
  /** Gives the exit code. */
  quit(): Promise<number | null>;
  signal(name: NodeJS.Signals): Promise<number | null>;
}

const READY_DEADLINE_MS = 60_000;
const ANSWER_DEADLINE_MS = 30_000;

export async function startClusterProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ClusterProcess> {
  const child = spawn(process.execPath, ['scripts/cluster/start.mjs', '--port', '0', ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  endsWithUs(child, 'SIGINT');
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => void lines.push(line));
  const ended = once(child, 'exit').then(() => child.exitCode);
  const untilPrinted = (pattern: RegExp, from: number, deadlineMs: number): Promise<string> => {
    const look = (): string => {
      const found = lines.slice(from).find((line) => pattern.test(line));
      return found ?? expect.unreachable(`no ${pattern} in:\n${lines.slice(from).join('\n')}`);
    };
    return eventually(look, { deadlineMs: deadlineMs, pauseMs: 50 });
  };
  try {
    const died = ended.then((code) => expect.unreachable(`ended with ${code}:\n${lines.join('\n')}`));
    died.catch(() => undefined);
    const ready = await Promise.race([untilPrinted(/^cluster ready: /, 0, READY_DEADLINE_MS), died]);
    const signal = (name: NodeJS.Signals): Promise<number | null> => {
      child.kill(name);
      return ended;
    };
    return {
      url: ready.replace('cluster ready: ', ''),
      lines,
      ask: (command, answer, { deadlineMs = ANSWER_DEADLINE_MS } = {}) => {
        const from = lines.length;
        child.stdin.write(`${command}\n`);
        return untilPrinted(answer, from, deadlineMs);
      },
      quit: () => {
        child.stdin.write('quit\n');
        return ended;
      },
      signal,
      [Symbol.asyncDispose]: async () => {
        if (child.exitCode === null && child.signalCode === null) await signal('SIGTERM');
      },
    };
  } catch (error) {
    child.kill('SIGTERM');
    throw error;
  }
}
