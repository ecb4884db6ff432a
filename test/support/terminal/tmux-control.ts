import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { endsWithUs } from '../programs/at-end.ts';

interface Asked {
  readonly resolve: (output: string) => void;
  readonly reject: (error: Error) => void;
}

/** How a reply begins and ends: its time, its number, and 1 for a command that this client gave. */
const boundary = /^%(begin|end|error) \d+ (\d+) 1$/;

/**
 * A client in tmux's control mode: it answers any number of commands, where a process for each would cost more than the
 * program under test. Rejects when the server refuses a command or is gone.
 */
export class TmuxControl {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #asked: Asked[] = [];
  #unread = '';
  #reply: { readonly number: string; readonly lines: string[] } | undefined;
  #isOver = false;

  constructor(socket: string) {
    const attach = ['attach-session', '-f', 'no-output,ignore-size'];
    this.#child = spawn('tmux', ['-L', socket, '-u', '-C', ...attach], { stdio: ['pipe', 'pipe', 'ignore'] });
    endsWithUs(this.#child, 'SIGKILL');
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#unread + text).split('\n');
      this.#unread = lines.pop() ?? '';
      for (const line of lines) this.#read(line);
    });
    this.#child.once('close', () => {
      this.#isOver = true;
      for (const { reject } of this.#asked) reject(new Error('the terminal is gone'));
    });
  }

  /** What the command prints. */
  ask(...words: readonly string[]): Promise<string> {
    if (this.#isOver) return Promise.reject(new Error('the terminal is gone'));
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#child.stdin.write(`${words.map(quoted).join(' ')}\n`);
    });
  }

  #read(line: string): void {
    const [, kind, number = ''] = boundary.exec(line) ?? [];
    if (this.#reply === undefined) {
      // Whatever else stands between replies are notifications.
      if (kind === 'begin') this.#reply = { number, lines: [] };
      return;
    }
    if (kind === undefined || kind === 'begin' || number !== this.#reply.number) {
      this.#reply.lines.push(line);
      return;
    }
    const output = this.#reply.lines.map((text) => `${text}\n`).join('');
    this.#reply = undefined;
    const asked = this.#asked.shift();
    if (kind === 'end') asked?.resolve(output);
    else asked?.reject(new Error(`tmux refused: ${output}`));
  }
}

/** One word of a command line of tmux, which ends at a line break. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'"'"'`).replaceAll('\n', `'"\\n"'`)}'`;
}
