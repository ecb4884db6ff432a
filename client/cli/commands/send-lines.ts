import { fstatSync } from 'node:fs';
import type { Room } from '../../sdk/rooms/room.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure, EXIT_INTERRUPTED } from '../exit-codes.ts';
import { Pace, roughSpan } from '../pace.ts';
import { textLines } from '../text-lines.ts';

/** After an interrupt the message on its way has this long to be acknowledged; less than a command has to end. */
const LAST_ANSWER_MS = 150;
const PROGRESS_MS = 500;

/**
 * Sends each line of standard input as one message, in order, one at a time: whenever it is cut short, at most one is on its way, and the
 * line to go on with is known.
 */
export async function sendLines(
  context: CommandContext,
  room: Room,
  options: { readonly strict: boolean; readonly expires?: number },
): Promise<void> {
  const { stdin, interrupted, output } = context;
  const teller = new Teller(context);
  const stop = (): void => void stdin.destroy();
  interrupted.addEventListener('abort', stop, { once: true });
  try {
    for await (const { text, number, end } of textLines(stdin)) {
      if (interrupted.aborted) break;
      const sending = room.send(text, options);
      const sent = await untilInterrupted(sending, interrupted);
      if (sent === undefined) throw teller.interruption('sending');
      output.data({ type: 'sent', room: sent.room, seq: sent.seq, id: sent.id });
      teller.sent(number, end);
    }
  } catch (error) {
    if (!interrupted.aborted) teller.failed();
    else if (!(error instanceof CommandFailure)) throw teller.interruption('idle');
    throw error;
  } finally {
    teller.end();
    interrupted.removeEventListener('abort', stop);
  }
  if (interrupted.aborted) throw teller.interruption('idle');
}

/** Undefined: there was no answer in the time that an interrupt leaves. */
async function untilInterrupted<T>(work: Promise<T>, interrupted: AbortSignal): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let begin = (): void => undefined;
  const cut = new Promise<undefined>((resolve) => {
    begin = (): void => {
      timer = setTimeout(() => resolve(undefined), LAST_ANSWER_MS);
    };
    interrupted.addEventListener('abort', begin, { once: true });
    if (interrupted.aborted) begin();
  });
  // Whoever is no longer waiting does not mind that it is refused.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, cut]);
  } finally {
    clearTimeout(timer);
    interrupted.removeEventListener('abort', begin);
  }
}

/** What a person hears of a long input. */
class Teller {
  readonly #context: CommandContext;
  readonly #pace = new Pace();
  /** Bytes of standard input when it is a file. */
  readonly #inputBytes: number | undefined;
  #line = 0;
  #count = 0;
  #saidPace = false;
  #shownAt = 0;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#inputBytes = fileBytes();
  }

  /** `end`: as many bytes of the input were read up to the end of this line. */
  sent(line: number, end: number): void {
    const now = performance.now();
    this.#line = line;
    this.#count += 1;
    this.#pace.note(now);
    const rate = this.#pace.rate(now);
    if (rate === undefined || now - this.#shownAt < PROGRESS_MS) return;
    this.#shownAt = now;
    const { output } = this.#context;
    const bytesLeft = this.#inputBytes === undefined ? undefined : Math.max(0, this.#inputBytes - end);
    const seconds = bytesLeft === undefined ? undefined : bytesLeft / (end / this.#count) / rate;
    const left = seconds === undefined ? undefined : roughSpan(seconds);
    const { pace, pace_left, progress } = cliTexts.sending;
    const shown = rate < 10 ? rate.toFixed(1) : Math.round(rate);
    if (!this.#saidPace) output.note(filled(left === undefined ? pace : pace_left, { rate: shown, left }));
    this.#saidPace = true;
    output.progress(progress({ lines: this.#count, left }));
  }

  failed(): void {
    if (this.#line > 0) this.#context.output.note(cliTexts.sending.failed(this.#lines()));
  }

  interruption(next: 'sending' | 'idle'): CommandFailure {
    const isSending = next === 'sending';
    const some = isSending ? 'sent_maybe' : 'sent';
    const none = isSending ? 'none_sent_maybe' : 'none_sent';
    const said = cliTexts.sending[this.#line > 0 ? some : none](this.#lines());
    return new CommandFailure('interrupted', said, EXIT_INTERRUPTED);
  }

  end(): void {
    this.#context.output.progress(undefined);
  }

  #lines(): { readonly line: number; readonly next: number } {
    return { line: this.#line, next: this.#line + 1 };
  }
}

/** Undefined: standard input is no file, so nobody knows how much is to come. */
function fileBytes(): number | undefined {
  try {
    const found = fstatSync(0);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}
