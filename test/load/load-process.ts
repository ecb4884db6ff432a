import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'vitest';
import { findK6 } from '../../scripts/loadtest/k6-program.ts';
import { eventually } from '../support/eventually.ts';
import { endsWithUs } from '../support/programs/at-end.ts';
import { skipWithoutGo } from '../support/programs/skip-without-go.ts';

/** Building k6 takes minutes, once on a machine. */
export const FIRST_TIME_MS = 900_000;

/** Skips a test on a machine that has neither k6 nor Go, which installs it. */
export function skipWithoutK6(context: Pick<TestContext, 'skip'>): void {
  if (findK6() === undefined) skipWithoutGo(context, 'k6');
}

/** `npm run loadtest` or `loadtest:native` as its own process; disposing interrupts it, and waits for its end. */
export interface LoadProcess extends AsyncDisposable {
  readonly lines: readonly string[];
  /** Waits for a line. */
  printed(pattern: RegExp, deadlineMs: number): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

export function startLoad(args: readonly string[]): LoadProcess {
  const child = spawn(process.execPath, ['scripts/loadtest/start.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endsWithUs(child, 'SIGINT');
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => void lines.push(line));
  const ended = once(child, 'close').then(() => child.exitCode);
  return {
    lines,
    printed: (pattern, deadlineMs) =>
      eventually(
        () => {
          if (!lines.some((line) => pattern.test(line)))
            throw new Error(`no ${pattern} in:\n${lines.join('\n')}`);
        },
        { deadlineMs },
      ),
    signal: (name) => void child.kill(name),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}
