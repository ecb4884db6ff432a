import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { keyPoolEnv } from '../keys/key-pool-env.ts';
import { endsWithUs } from '../programs/at-end.ts';

/** The `conclave` command, or another of the package, as its own process, from `dist`. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of --json: the objects on standard output. */
  readonly json: readonly Readonly<Record<string, unknown>>[];
}

export interface RunningCli extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<CliResult>;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** `admin`: `conclave-admin`. */
  readonly program?: 'cli' | 'admin';
  /** Where its `dist` is, in place of this project's. */
  readonly folder?: string;
  readonly cwd?: string;
  /** Runs it, in place of this process' own. */
  readonly node?: string;
}

const OUTPUT_CHARS_MAX = 4_000_000;

/** Runs to its end. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const running = startCli(args, options);
  running.child.stdin?.end(options.stdin ?? '');
  return running.ended;
}

/** Starts it; standard input stays open. It has no terminal: its own session has none to control it. */
export function startCli(
  args: readonly string[],
  { env = {}, program = 'cli', folder = '.', cwd, node = process.execPath }: CliOptions = {},
): RunningCli {
  const child = spawn(node, [resolve(folder, `dist/client/${program}/main.js`), ...args], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      ...keyPoolEnv(),
      // Else the token of a gateway that was started in this folder would be found.
      ...(cwd === undefined ? { CONCLAVE_DATA_DIR: '/nonexistent' } : {}),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  endsWithUs(child, 'SIGKILL');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-OUTPUT_CHARS_MAX);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-OUTPUT_CHARS_MAX);
  });
  // A process that ended takes no more input: that is for the test to find in the result.
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => ({
    code: typeof code === 'number' ? code : signal === 'SIGINT' ? 130 : -1,
    stdout,
    stderr,
    json: jsonLines(stdout),
  }));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export function jsonLines(text: string): Readonly<Record<string, unknown>>[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === 'object' && value !== null ? [value as Readonly<Record<string, unknown>>] : [];
    } catch {
      return [];
    }
  });
}
