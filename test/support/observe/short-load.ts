import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Room } from '../../../client/sdk/index.ts';
import { WEBSOCKET_PATH } from '../../../src/protocol/limits.ts';
import type { RoomName } from '../../../src/protocol/names.ts';
import { type Conversation, gather, registerAll } from '../cluster/conversation.ts';
import { type Device, People } from '../cluster/people.ts';
import { RawSession } from '../cluster/raw-session.ts';
import { eventually } from '../eventually.ts';

/** Between two messages of each, and two rounds of whoever comes and goes: a load that any machine carries. */
const ROUND_MS = 500;
/** More at once than a session may have open. */
const FLOOD = 80;

/**
 * A little of everything that a gateway can see, until disposed: a conversation; people who log in, resume, and ask
 * for what they can't have; a flood; a program that speaks something else.
 */
export class ShortLoad implements AsyncDisposable {
  readonly #people: People;
  readonly #conversation: Conversation;
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;
  #rounds = 0;

  private constructor(people: People, conversation: Conversation, visitor: Device, urls: readonly string[]) {
    this.#people = people;
    this.#conversation = conversation;
    const talks = [...conversation.rooms].map(([name, room]) => this.#talk(name, room));
    this.#running = Promise.all([...talks, this.#visit(visitor, urls)]);
    // Told by stop().
    this.#running.catch(() => undefined);
  }

  /** `prefix`: before the names of its people and its room; each has a digit or a capital, which no label of a metric has. */
  static async start(urls: readonly string[], prefix: string): Promise<ShortLoad> {
    const people = new People();
    try {
      const names = Array.from({ length: 2 * urls.length }, (_, i) => `${prefix}${i}`);
      const devices = await registerAll(people, names, urls);
      const conversation = await gather(`${prefix}Room`, devices);
      const visitor = await people.register(`${prefix}Visitor`, urls[0] ?? '');
      return new ShortLoad(people, conversation, visitor, urls);
    } catch (error) {
      await people[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** How often the visitor was on every gateway. */
  get rounds(): number {
    return this.#rounds;
  }

  get messages(): number {
    return this.#conversation.oracle.acknowledgedCount;
  }

  /** Rejects with what went wrong meanwhile. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running.catch(() => undefined);
    await this.#people[Symbol.asyncDispose]();
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #pause(): Promise<void> {
    await pause(ROUND_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #talk(name: string, room: Room): Promise<void> {
    while (!this.#isStopping) {
      await this.#conversation.oracle.say(room, name);
      await this.#pause();
    }
  }

  async #visit({ storage }: Device, urls: readonly string[]): Promise<void> {
    while (!this.#isStopping) {
      for (const url of urls) {
        // Without a state: with the keys.
        for (const state of [undefined, storage.state]) {
          const known = state === undefined ? {} : { state };
          await using session = await RawSession.open({ url, account: storage.account, ...known });
          await askAllSorts(session, this.#conversation);
        }
        await speakSomethingElse(url);
      }
      this.#rounds += 1;
      await this.#pause();
    }
  }
}

async function askAllSorts(session: RawSession, { rooms }: Conversation): Promise<void> {
  const [room] = rooms.values();
  if (room === undefined) throw new TypeError('a conversation has a room');
  // The flood of the session before is charged to this one, too.
  await eventually(() => session.request('mine', {}), { pauseMs: 100 });
  await eventually(() => session.request('rooms', {}), { pauseMs: 100 });
  await session.refusal('history', { room: room.id, after: 0, limit: 10 });
  await session.refusal('create', { name: room.name as RoomName, retention: 30, hidden: false });
  const flood = Array.from({ length: FLOOD }, () => session.request('ping', {}));
  await Promise.allSettled(flood);
}

/** Resolves when the gateway has closed it. */
function speakSomethingElse(url: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${url}${WEBSOCKET_PATH}`);
    socket.once('error', () => undefined);
    socket.once('close', () => resolve());
  });
}
