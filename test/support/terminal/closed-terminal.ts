import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { keyPoolEnv } from '../keys/key-pool-env.ts';

const run = promisify(execFile);
const program = new URL('./closed-terminal.py', import.meta.url).pathname;

export interface ClosedTerminal {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the program shows before anything is typed. */
  readonly shown: string;
  readonly typed: string;
}

/** Closes a terminal under a program while somebody types; how that ended: `signal 1`, `exit 0`, `hangs`. */
export async function endedOnClosedTerminal({
  command,
  env = {},
  shown,
  typed,
}: ClosedTerminal): Promise<string> {
  const settings = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    ...keyPoolEnv(),
  };
  const { stdout } = await run('python3', [program, shown, typed, ...command], {
    env: { ...settings, ...env },
  });
  return stdout.trim();
}
