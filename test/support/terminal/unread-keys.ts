import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = new URL('./unread-keys.py', import.meta.url).pathname;

export interface InterruptedTyping {
  readonly command: readonly string[];
  /** What the program shows before anything is typed. */
  readonly shown: string;
  readonly typed: string;
}

/** Ends a program by SIGTERM before it has read what was typed; what whoever reads from the terminal next gets of it, as Python writes bytes. */
export async function leftForTheShell({ command, shown, typed }: InterruptedTyping): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  const { stdout } = await run('python3', [program, shown, typed, ...command], { env });
  return stdout.trim();
}
