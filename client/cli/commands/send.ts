import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { utf8 } from '../../../src/protocol/bytes.ts';
import { TEXT_BYTES_MAX } from '../../../src/protocol/limits.ts';
import type { Room } from '../../sdk/api.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { CommandFailure, EXIT_INTERRUPTED, interruption, usage } from '../exit-codes.ts';
import { textLines, wholeText } from '../text-lines.ts';

/** What a decoder writes for a byte that it can't read. */
const REPLACEMENT = '\ufffd';
/** Lines read ahead of the last acknowledged one. */
const SENDS_AHEAD_MAX = 64;

/** Stands for all of standard input as one message. */
const WHOLE_INPUT = '-';

/**
 * Sends TEXT; without it each line of standard input as one message, in order, and for `-` all of it as one. Ends when all are
 * acknowledged.
 */
export async function sendMessages(
  context: CommandContext,
  roomName: string,
  given: string | undefined,
  options: { readonly strict?: boolean },
): Promise<void> {
  const text = given === WHOLE_INPUT ? await wholeText(context.stdin) : given;
  if (text !== undefined) await checkText(text);
  const client = await context.connected();
  const room = await withRetries(() => client.room(roomName));
  const sending = new Sending(context, room, options.strict === true);
  if (text !== undefined) await sending.add(text);
  else await sendLines(context, sending);
  await sending.acknowledged();
}

async function sendLines(context: CommandContext, sending: Sending): Promise<void> {
  const { stdin, interrupted } = context;
  const stop = (): void => {
    stdin.destroy();
  };
  interrupted.addEventListener('abort', stop, { once: true });
  try {
    for await (const line of textLines(stdin)) await sending.add(line);
  } catch (error) {
    await sending.acknowledged();
    throw interrupted.aborted ? interruption() : error;
  } finally {
    interrupted.removeEventListener('abort', stop);
  }
}

async function checkText(text: string): Promise<void> {
  if (text === '') throw usage('there is no text to send');
  if (text.includes(REPLACEMENT) && !(await argumentsAreUtf8())) throw usage('the text is not UTF-8');
  if (utf8(text).length > TEXT_BYTES_MAX) throw usage(`the text is over ${TEXT_BYTES_MAX} bytes`);
}

/** Node puts it in the place of what is no UTF-8, without saying so. Only Linux still has the bytes. */
async function argumentsAreUtf8(): Promise<boolean> {
  const bytes = await readFile('/proc/self/cmdline').catch(() => undefined);
  return bytes === undefined || isUtf8(bytes);
}

class Sending {
  readonly #context: CommandContext;
  readonly #room: Room;
  readonly #strict: boolean;
  readonly #open = new Set<Promise<void>>();
  #failure: unknown;

  constructor(context: CommandContext, room: Room, strict: boolean) {
    this.#strict = strict;
    this.#context = context;
    this.#room = room;
  }

  /** Resolves when there is room for another one. */
  async add(text: string): Promise<void> {
    const sent = this.#sendOne(text);
    this.#open.add(sent);
    void sent.finally(() => this.#open.delete(sent));
    while (this.#open.size >= SENDS_AHEAD_MAX) await this.#interruptible(Promise.race(this.#open));
    if (this.#failure !== undefined) throw this.#failure;
  }

  async acknowledged(): Promise<void> {
    while (this.#open.size > 0) await this.#interruptible(Promise.race(this.#open));
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Never rejects: the first failure is kept for whoever waits. */
  async #sendOne(text: string): Promise<void> {
    try {
      const { room, seq, id } = await this.#room.send(text, { strict: this.#strict });
      this.#context.output.data({ type: 'sent', room, seq, id });
    } catch (error) {
      this.#failure ??= error;
    }
  }

  async #interruptible(work: Promise<void>): Promise<void> {
    const { interrupted } = this.#context;
    let stop = (): void => undefined;
    const interruption = new Promise<void>((resolve) => {
      stop = resolve;
      interrupted.addEventListener('abort', stop, { once: true });
      if (interrupted.aborted) resolve();
    });
    await Promise.race([work, interruption]);
    interrupted.removeEventListener('abort', stop);
    if (interrupted.aborted && this.#open.size > 0) throw notAcknowledged(this.#open.size);
  }
}

function notAcknowledged(count: number): CommandFailure {
  return new CommandFailure(
    'interrupted',
    `interrupted: ${count} ${count === 1 ? 'message was' : 'messages were'} not acknowledged`,
    EXIT_INTERRUPTED,
  );
}
