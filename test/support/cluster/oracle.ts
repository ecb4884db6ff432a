import { setInterval as everyMs } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Room, RoomMessage, Sent } from '../../../client/sdk/index.ts';
import { eventually } from '../eventually.ts';
import { PATIENCE_MS } from './patience.ts';

/** A busy talk: each sender says something this often, and waits for the acknowledgement before the next. */
const PACE_MS = 20;

/** Lines of a failure; the first ones tell the story. */
const SHOWN_MAX = 20;

interface Reader {
  readonly name: string;
  /** It is to have everything after this position. */
  readonly after: number;
  readonly seen: RoomMessage[];
  failure: unknown;
}

export interface Chatter {
  /** Waits until each speaker has so many more acknowledged than at the call. */
  everyoneSays(more: number, options?: { readonly deadlineMs?: number }): Promise<void>;
  /** Resolves when what is under way is acknowledged. */
  stop(): Promise<void>;
}

/**
 * Knows what was acknowledged in one room, and what each reader saw. Holds them to the promise: nothing that was
 * acknowledged is missing, nothing is shown twice, and all see one order.
 */
export class Oracle {
  readonly #acknowledged = new Map<string, Sent>();
  readonly #readers: Reader[] = [];
  readonly #counts = new Map<string, number>();

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }

  /** Sends the next numbered message of this sender. */
  async say(room: Pick<Room, 'send'>, sender: string): Promise<Sent> {
    const number = (this.#counts.get(sender) ?? 0) + 1;
    this.#counts.set(sender, number);
    const text = `${sender} ${number}`;
    const sent = await room.send(text);
    this.#acknowledged.set(text, sent);
    return sent;
  }

  /** Reads the room from now until it is closed. */
  follow(room: Pick<Room, 'follow' | 'head' | 'joined'>, name: string, from: 'joined' | 'now' = 'now'): void {
    const after = from === 'joined' ? room.joined : room.head;
    const reader: Reader = { name, after, seen: [], failure: undefined };
    this.#readers.push(reader);
    const read = async (): Promise<void> => {
      for await (const message of room.follow({ after })) reader.seen.push(message);
    };
    read().catch((error: unknown) => {
      reader.failure = error;
    });
  }

  /** Everybody talks, each at a steady pace, until stopped. */
  chatter(speakers: ReadonlyMap<string, Room>): Chatter {
    let stopped = false;
    const counts = new Map([...speakers.keys()].map((name) => [name, 0]));
    const talk = async ([name, room]: readonly [string, Room]): Promise<void> => {
      for await (const _ of everyMs(PACE_MS)) {
        if (stopped) return;
        await this.say(room, name);
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    };
    const talks = Promise.all([...speakers].map(talk));
    talks.catch(() => undefined);
    return {
      everyoneSays: async (more, { deadlineMs = PATIENCE_MS } = {}) => {
        const wanted = [...counts].map(([name, count]) => [name, count + more] as const);
        const quiet = (): readonly string[] =>
          wanted.flatMap(([name, count]) =>
            (counts.get(name) ?? 0) < count ? [`${name} is not heard`] : [],
          );
        const waiting = eventually(() => expect(quiet()).toEqual([]), {
          deadlineMs: deadlineMs,
          pauseMs: 20,
        });
        // A talk only ends by a failure, which then says more than the silence after it.
        await Promise.race([waiting, talks.then(() => waiting)]);
      },
      stop: async () => {
        stopped = true;
        await talks;
      },
    };
  }

  /** What was acknowledged and has not reached these readers. */
  missing(): readonly string[] {
    return this.#readers.flatMap(({ name, after, seen }) => {
      const texts = new Set(seen.map(textOf));
      return [...this.#acknowledged]
        .filter(([text, { seq }]) => seq > after && !texts.has(text))
        .map(([text]) => `${name} never saw ${text}`);
    });
  }

  /** Waits until every reader has everything, then holds all of them to the promise. */
  async verify({ deadlineMs = PATIENCE_MS }: { readonly deadlineMs?: number } = {}): Promise<void> {
    await eventually(() => expect(this.missing().slice(0, SHOWN_MAX).join('\n')).toBe(''), {
      deadlineMs: deadlineMs,
      pauseMs: 50,
    });
    this.verifyOrder();
  }

  /** The half of the promise that holds at every moment. */
  verifyOrder(): void {
    expect(this.#violations().slice(0, SHOWN_MAX).join('\n')).toBe('');
  }

  #violations(): readonly string[] {
    const violations: string[] = [];
    const order = new Map<number, string>();
    for (const [text, { seq }] of this.#acknowledged) order.set(seq, text);
    for (const { name, after, seen, failure } of this.#readers) {
      if (failure !== undefined) violations.push(`${name} stopped reading: ${failure}`);
      const texts = new Set<string>();
      let last = after;
      for (const message of seen) {
        const text = textOf(message);
        const { seq } = message;
        if (texts.has(text)) violations.push(`${name} saw ${text} twice, again at ${seq}`);
        texts.add(text);
        if (seq <= last) violations.push(`${name} saw ${seq} after ${last}`);
        last = seq;
        const there = order.get(seq);
        if (there !== undefined && there !== text)
          violations.push(`${name} saw ${text} at ${seq}, where ${there} is`);
        order.set(seq, text);
        if (message.type !== 'message' || message.status !== 'ok' || message.marks !== undefined)
          violations.push(`${name} saw something wrong at ${seq}: ${JSON.stringify(message)}`);
      }
    }
    return [...violations, ...outOfTurn(order)];
  }
}

/** Messages of one sender stand in the order in which they were sent. */
function outOfTurn(order: ReadonlyMap<number, string>): readonly string[] {
  const lastOf = new Map<string, number>();
  return [...order]
    .sort(([a], [b]) => a - b)
    .flatMap(([seq, text]) => {
      const [sender = '', count = ''] = text.split(' ');
      const last = lastOf.get(sender) ?? 0;
      lastOf.set(sender, Number(count));
      return Number(count) > last ? [] : [`${text} stands at ${seq}, behind ${sender} ${last}`];
    });
}

function textOf(message: RoomMessage): string {
  return message.type === 'message'
    ? (message.text ?? `${message.status} at ${message.seq}`)
    : `${message.type} at ${message.seq}`;
}
