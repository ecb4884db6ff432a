import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailure } from '../exit-codes.ts';
import { type JsonLine, Output } from '../output.ts';
import { type TextLine, textLines } from '../text-lines.ts';

/** A text of TEXT_BYTES_MAX with every character escaped, mentions, and the rest of a request. */
const LINE_BYTES_MAX = 128 * 1024;
/** What is told beside messages is dropped while this much waits for the program to read. */
const UNREAD_BYTES_MAX = 1024 * 1024;
/** After its standard input was closed, and after SIGTERM. Together less than an interrupted bot has to end. */
const CLOSED_MS = 3_000;
const TERMINATED_MS = 1_000;
/** What it wrote before it ended is there by then. */
const REST_MS = 500;

/** `signal`: it was killed by one. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One run of a bot's program: JSON lines in and out. Its standard error is ours. */
export class BotProgram {
  readonly #child: ChildProcess;
  readonly #input: Writable;
  readonly #lines: Readable;
  readonly #output: Output;
  readonly #gone = new AbortController();
  /** Rejects when it could not be started. */
  readonly ended: Promise<ProgramEnd>;

  constructor([file = '', ...args]: readonly string[]) {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#input = child.stdin;
    this.#lines = child.stdout;
    this.#output = new Output({ json: true, stdout: child.stdin, stderr: process.stderr });
    // A program that ended takes no more: `ended` tells.
    child.stdin.on('error', () => undefined);
    this.ended = once(child, 'close').then(([code, signal]: unknown[]) => ({
      code: typeof code === 'number' ? code : null,
      signal: typeof signal === 'string' ? (signal as NodeJS.Signals) : null,
    }));
    child.once('exit', () => {
      this.#gone.abort();
      // Children of its own may keep the pipe open for as long as they like.
      setTimeout(() => child.stdout.destroy(), REST_MS);
    });
    this.ended.catch(() => this.#gone.abort());
  }

  /** Aborted when it ended. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Writes lines by way of an output, and waits while the program does not read. Nothing happens to one that ended. */
  async give(print: (output: Output) => void): Promise<void> {
    if (this.gone.aborted || !this.#input.writable) return;
    print(this.#output);
    if (this.#input.writableNeedDrain)
      await once(this.#input, 'drain', { signal: this.gone }).catch(() => undefined);
  }

  /** Gives what may be lost. */
  tell(print: (output: Output) => void): void {
    if (this.#input.writable && this.#input.writableLength < UNREAD_BYTES_MAX) print(this.#output);
  }

  answer(line: JsonLine): Promise<void> {
    return this.give((output) => output.data(line));
  }

  /** What it writes. Throws a usage failure for a line that is too long or not UTF-8. */
  async *lines(): AsyncGenerator<TextLine> {
    try {
      yield* textLines(this.#lines, LINE_BYTES_MAX);
    } catch (error) {
      if (!this.#lines.destroyed || error instanceof CommandFailure) throw error;
    }
  }

  /** Closes its standard input, and ends it when that is no reason for it to end. */
  async stop(): Promise<void> {
    this.#input.end();
    if (await this.#endsWithin(CLOSED_MS)) return;
    this.#child.kill('SIGTERM');
    if (await this.#endsWithin(TERMINATED_MS)) return;
    this.#child.kill('SIGKILL');
  }

  async #endsWithin(ms: number): Promise<boolean> {
    await delay(ms, undefined, { signal: this.gone }).catch(() => undefined);
    return this.gone.aborted;
  }
}
