import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from '../support/eventually.ts';

/** `npm run loadtest` as its own process. */
export interface LoadProcess {
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
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => void lines.push(line));
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
    ended: once(child, 'close').then(() => child.exitCode),
  };
}
