import { once } from 'node:events';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import type { MessageAction, RoomMessage, ShownMessage } from '../../sdk/rooms/room-events.ts';
import { applied, byTarget } from '../../sdk/rooms/timeline.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure, EXIT_TRUST, usage } from '../exit-codes.ts';
import { Output } from '../output.ts';
import { HtmlPage } from './history-html.ts';
import { type HistoryFormat, HistoryText } from './history-text.ts';
import { printMessage } from './room-lines.ts';
import { openedRoom, parsedSince } from './tail.ts';

const formats = ['text', 'jsonl', 'html'] as const;
type Format = (typeof formats)[number];

export interface HistoryOptions {
  readonly since?: string;
  readonly format?: string;
}

/** Prints all stored messages of a room, as they read now. `jsonl` prints what was sent, in its order, as `tail --json` does. */
export async function printHistory(
  context: CommandContext,
  roomName: string,
  options: HistoryOptions,
): Promise<void> {
  const format = parsedFormat(options.format ?? (context.settings.json ? 'jsonl' : 'text'));
  if (context.settings.json && format !== 'jsonl') throw usage(cliTexts.usage.history_json);
  const after = parsedSince(options.since ?? 'all');
  const client = await context.connected();
  const room = await openedRoom(client, roomName);
  const history = new History(context, room, after);
  if (format === 'jsonl') await history.printSent();
  else {
    const place = { room: room.name, user: (await client.me()).user, server: client.origin };
    await history.printTimeline(format === 'html' ? new HtmlPage(place) : new HistoryText());
  }
  const { unreadable } = history;
  if (unreadable > 0)
    throw new CommandFailure('trust', cliTexts.said.unreadable({ count: unreadable }), EXIT_TRUST);
}

class History {
  readonly #context: CommandContext;
  readonly #room: Room;
  readonly #after: number | 'joined' | 'now';
  /** Both ways through the room end here. */
  readonly #head: number;
  readonly #names = new Map<UserId, string>();
  unreadable = 0;

  constructor(context: CommandContext, room: Room, after: number | 'joined' | 'now') {
    this.#context = context;
    this.#room = room;
    this.#after = after;
    this.#head = room.head;
  }

  async printSent(): Promise<void> {
    const output = new Output({ json: true, stdout: this.#context.stdout, stderr: process.stderr });
    for await (const message of this.#read()) {
      this.#note(message);
      printMessage(output, message);
      await this.#room.shown([message]);
      await this.#drained();
    }
  }

  /** Goes through the room twice: what was done to a message may stand long after it. */
  async printTimeline(format: HistoryFormat): Promise<void> {
    const actions: MessageAction[] = [];
    for await (const message of this.#read()) {
      if (message.type !== 'gap') this.#names.set(message.user, message.from);
      if (message.type !== 'message' && message.type !== 'gap') actions.push(message);
    }
    const byMessage = byTarget(actions);
    await this.#write(format.before);
    for await (const message of this.#read()) {
      this.#note(message);
      if (message.type === 'gap') await this.#write(format.gap(cliTexts.said.gap(message)));
      else if (message.type === 'message') {
        const acts = byMessage.get(message.id) ?? [];
        await this.#write(this.#formatted(format, message, acts));
        await this.#room.shown([message, ...acts]);
      }
    }
    await this.#write(format.after);
  }

  #formatted(format: HistoryFormat, message: ShownMessage, acts: readonly MessageAction[]): string {
    return format.message(applied(message, acts), (user) => this.#names.get(user) ?? user);
  }

  async *#read(): AsyncGenerator<RoomMessage> {
    let count = 0;
    for await (const message of this.#room.follow({ after: this.#after, live: false })) {
      if (message.seq > this.#head) break;
      count += 1;
      if (count % PROGRESS_EVERY === 0)
        this.#context.output.progress(filled(cliTexts.said.reading, { count }));
      yield message;
    }
    this.#context.output.progress(undefined);
  }

  #note(message: RoomMessage): void {
    if (message.type === 'message' && message.status !== 'ok') this.unreadable += 1;
  }

  async #write(text: string): Promise<void> {
    this.#context.stdout.write(text);
    await this.#drained();
  }

  /** A slow reader of a long history must not fill the memory. */
  async #drained(): Promise<void> {
    const { stdout, interrupted } = this.#context;
    if (stdout.writableNeedDrain) await once(stdout, 'drain', { signal: interrupted }).catch(() => undefined);
  }
}

const PROGRESS_EVERY = 100;

function parsedFormat(given: string): Format {
  const format = formats.find((one) => one === given);
  if (format === undefined)
    throw usage(filled(cliTexts.usage.bad_format, { given, wanted: formats.join(', ') }));
  return format;
}
