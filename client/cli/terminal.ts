import { closeSync, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { isatty, ReadStream, WriteStream } from 'node:tty';
import { discardTyped } from '../terminal/discard-typed.ts';
import { whenNotStopped } from '../terminal/when-not-stopped.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { interruption, usage } from './exit-codes.ts';

/**
 * Questions go to the terminal device itself, so standard input stays free for data and secrets never come from a pipe.
 */
export class Terminal {
  readonly #mayAsk: boolean;
  readonly #interrupted: AbortSignal;
  readonly #asking: <T>(question: Promise<T>) => Promise<T>;

  /** `asking` is told of every question: the time that a person takes is none of a command's. */
  constructor(options: {
    readonly mayAsk: boolean;
    /** Ends a question that nobody answers: what waits for it could never close. */
    readonly interrupted: AbortSignal;
    readonly asking?: <T>(question: Promise<T>) => Promise<T>;
  }) {
    this.#mayAsk = options.mayAsk;
    this.#interrupted = options.interrupted;
    this.#asking = options.asking ?? ((question) => question);
  }

  /** `instead` names the option that gives the same without a terminal. */
  async secret(prompt: string, instead: string): Promise<string> {
    return this.#asking(this.#ask(prompt, instead, true));
  }

  /** Asks until `accepts` does, then once more, and insists that both are the same. */
  async newSecret(
    prompt: string,
    instead: string,
    accepts: (typed: string) => Promise<boolean> = async () => true,
  ): Promise<string> {
    let first = await this.secret(prompt, instead);
    while (!(await accepts(first))) first = await this.secret(prompt, instead);
    const second = await this.secret(cliTexts.asked.once_more, instead);
    if (first !== second) throw usage(cliTexts.usage.not_the_same);
    return first;
  }

  async line(prompt: string, instead: string): Promise<string> {
    return this.#asking(this.#ask(prompt, instead, false));
  }

  /** Whether a question can be asked at all. */
  isThere(): boolean {
    const device = this.#mayAsk ? openDevice() : undefined;
    if (device === undefined) return false;
    closeSync(device);
    return true;
  }

  async #ask(prompt: string, instead: string, silent: boolean): Promise<string> {
    const device = this.#mayAsk ? openDevice() : undefined;
    if (device === undefined) throw usage(filled(cliTexts.usage.no_terminal, { instead }));
    if (this.#interrupted.aborted) {
      closeSync(device);
      throw interruption();
    }
    const { read } = await import('read');
    const input = new QuestionInput(device);
    const output = new WriteStream(device);
    // After Ctrl-Z and fg the line reader leaves its input paused, and does not repeat the question of a secret.
    const goOn = (): void => {
      setImmediate(() => input.resume());
      if (silent) output.write(prompt);
    };
    process.on('SIGCONT', goOn);
    const end = (): void => {
      if (silent) discardTyped();
      input.leave();
    };
    this.#interrupted.addEventListener('abort', end, { once: true });
    try {
      // The library rejects for one reason, Ctrl-C at the prompt, and says nothing when the input ends or is closed.
      return await Promise.race([
        read({ prompt, silent, input, output }),
        untilEnd(input),
        untilGone(input, output),
        untilClosed(input),
      ]);
    } catch {
      throw interruption();
    } finally {
      process.off('SIGCONT', goOn);
      this.#interrupted.removeEventListener('abort', end);
      if (silent) output.write('\n');
      input.leave();
    }
  }
}

/** How wide the terminal is that a stream writes to; undefined when it writes to something else. */
export function terminalColumns(stream: Writable): number | undefined {
  return stream instanceof WriteStream && stream.isTTY ? stream.columns : undefined;
}

/** Rejects after Ctrl-D: it makes the line reader let go of its input, and no line comes of it. */
function untilEnd(input: ReadStream): Promise<never> {
  return new Promise((_, reject) => {
    input.on('pause', () => {
      setImmediate(() => {
        if (input.isPaused()) reject(new Error('the input ended'));
      });
    });
  });
}

function untilClosed(input: ReadStream): Promise<never> {
  return new Promise((_, reject) => {
    input.once('close', () => reject(new Error('the input was closed')));
  });
}

class QuestionInput extends ReadStream {
  readonly #device: number;
  #callOff: (() => void) | undefined;

  constructor(device: number) {
    super(device);
    this.#device = device;
    this.once('close', () => this.#callOff?.());
  }

  /** What is typed shows again. */
  leave(): void {
    this.#callOff?.();
    if (!this.destroyed && isatty(this.#device)) super.setRawMode(false);
    this.destroy();
  }

  override setRawMode(mode: boolean): this {
    // The line reader closes itself when its input fails, and leaves raw mode for that. On a terminal that is gone this fails
    // again: without end.
    if (!isatty(this.#device)) return this;
    this.#callOff?.();
    // It also leaves raw mode for Ctrl+Z, and takes it again at SIGCONT: what is typed must not show if that never comes.
    if (!mode) this.#callOff = whenNotStopped(() => process.emit('SIGCONT'));
    return super.setRawMode(mode);
  }
}

/** Rejects when the terminal goes away: a stream without a listener for its faults would end the process. */
function untilGone(...streams: readonly (ReadStream | WriteStream)[]): Promise<never> {
  return new Promise((_, reject) => {
    for (const stream of streams) stream.on('error', reject);
  });
}

function openDevice(): number | undefined {
  try {
    return openSync('/dev/tty', 'r+');
  } catch {
    return undefined;
  }
}
