import { Mutex } from '../lib/keyed-mutex.ts';
import type { AppendOutcome, MessageStore, NewMessage } from '../ports/message-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { ChainId, RoomId } from '../protocol/ids.ts';

/** Sends that wait in one queue: a client reads ahead at most 64. */
export const QUEUE_WAITING_MAX = 128;
/** Rooms of one session whose queues are kept; beyond it the oldest idle refusals are forgotten. */
export const QUEUES_PER_SESSION_MAX = 512;
/** Chains whose refusals a queue remembers; a client has one in a room. */
const CHAINS_PER_QUEUE_MAX = 8;
const FULL_RETRY_MS = 250;

interface RefusedChain {
  /** Lowest number that was refused. */
  readonly number: number;
  /** When the refused send came, as the queue counts sends. */
  readonly arrival: number;
}

/**
 * The sends of one session to one room, one at a time in the order they came, so that a chain's numbers rise with
 * positions. After a number was refused, higher ones of its chain get `conflict` until one that is no higher, and came
 * later, is accepted.
 */
class SendQueue {
  readonly #refused = new Map<ChainId, RefusedChain>();
  readonly #turns = new Mutex();
  #waiting = 0;
  #arrivals = 0;

  /** Nothing is remembered or waiting: a new queue would do as well. */
  get isIdle(): boolean {
    return this.#waiting === 0 && this.#refused.size === 0;
  }

  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** `step` is over when its append was answered. What it throws is thrown here, and counts as a refusal. */
  async inTurn<T extends object>(
    chain: ChainId,
    number: number,
    step: () => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    const arrival = this.#arrivals;
    this.#arrivals += 1;
    if (this.#waiting >= QUEUE_WAITING_MAX) {
      this.#noteRefused(chain, number, arrival);
      return refuse('rate_limited', { message: 'too many sends wait', retryAfterMs: FULL_RETRY_MS });
    }
    this.#waiting += 1;
    try {
      return await this.#turns.run(() => this.#run(chain, number, arrival, step));
    } finally {
      this.#waiting -= 1;
    }
  }

  async #run<T extends object>(
    chain: ChainId,
    number: number,
    arrival: number,
    step: () => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    const refused = this.#refused.get(chain);
    if (refused !== undefined && number > refused.number) {
      return refuse('conflict', { message: 'an earlier message of this chain was refused' });
    }
    let accepted = false;
    try {
      const outcome = await step();
      accepted = !isRefusal(outcome);
      return outcome;
    } finally {
      if (accepted) this.#noteAccepted(chain, number, arrival);
      else this.#noteRefused(chain, number, arrival);
    }
  }

  #noteAccepted(chain: ChainId, number: number, arrival: number): void {
    const refused = this.#refused.get(chain);
    if (refused !== undefined && number <= refused.number && arrival > refused.arrival)
      this.#refused.delete(chain);
  }

  #noteRefused(chain: ChainId, number: number, arrival: number): void {
    const refused = this.#refused.get(chain);
    this.#refused.delete(chain);
    this.#refused.set(chain, {
      number: Math.min(number, refused?.number ?? number),
      arrival: Math.max(arrival, refused?.arrival ?? arrival),
    });
    for (const oldest of this.#refused.keys()) {
      if (this.#refused.size <= CHAINS_PER_QUEUE_MAX) break;
      this.#refused.delete(oldest);
    }
  }
}

/** The queues of all sessions of this node. */
export class SendQueues {
  readonly #sessions = new Map<string, Map<RoomId, SendQueue>>();

  async inTurn<T extends object>(
    at: { readonly session: string; readonly room: RoomId },
    place: { readonly chain: ChainId; readonly number: number },
    step: () => Promise<T | Refusal>,
  ): Promise<T | Refusal> {
    const { session, room } = at;
    const queue = this.#queue(session, room);
    try {
      return await queue.inTurn(place.chain, place.number, step);
    } finally {
      if (queue.isIdle) this.#drop(session, room, queue);
    }
  }

  /** Sends that wait in its queues are finished. */
  sessionEnded(session: string): void {
    this.#sessions.delete(session);
  }

  #queue(session: string, room: RoomId): SendQueue {
    const queues = this.#sessions.get(session) ?? new Map<RoomId, SendQueue>();
    this.#sessions.set(session, queues);
    const queue = queues.get(room) ?? new SendQueue();
    queues.delete(room);
    queues.set(room, queue);
    if (queues.size > QUEUES_PER_SESSION_MAX) {
      for (const [oldest, kept] of queues) {
        if (kept === queue || kept.isWaiting) continue;
        queues.delete(oldest);
        break;
      }
    }
    return queue;
  }

  #drop(session: string, room: RoomId, queue: SendQueue): void {
    const queues = this.#sessions.get(session);
    if (queues?.get(room) !== queue) return;
    queues.delete(room);
    if (queues.size === 0) this.#sessions.delete(session);
  }
}

export const APPEND_BATCH_MESSAGES_MAX = 256;
export const APPEND_BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** Further batches are begun only when they are full. */
export const APPEND_BATCHES_AT_ONCE = 4;
/** What waits for a batch; one more message is refused as unavailable. */
export const APPEND_WAITING_BYTES_MAX = 64 * 1024 * 1024;

interface Waiting {
  readonly message: NewMessage;
  readonly byteCount: number;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends that wait together go to the store together: at once while the store is idle, else when a batch before
 * returned or a new one is full.
 */
export class AppendBatcher {
  readonly #store: MessageStore;
  readonly #telemetry: Telemetry;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #underWay = 0;
  #isScheduled = false;

  constructor(store: MessageStore, telemetry: Telemetry) {
    this.#store = store;
    this.#telemetry = telemetry;
  }

  /** As MessageStore.append, for one message. Throws Unavailable. */
  append(message: NewMessage): Promise<AppendOutcome> {
    const byteCount =
      message.header.length + message.ciphertext.length + message.wraps.length + message.recipients.length;
    if (this.#waitingBytes + byteCount > APPEND_WAITING_BYTES_MAX) {
      return Promise.reject(new Unavailable('store', new Error('too many messages wait to be stored')));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, byteCount, resolve, reject });
      this.#waitingBytes += byteCount;
      this.#schedule();
    });
  }

  /** At the end of the turn, so that messages of one turn share a batch. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#underWay < APPEND_BATCHES_AT_ONCE) {
      const isFull =
        this.#waiting.length >= APPEND_BATCH_MESSAGES_MAX || this.#waitingBytes >= APPEND_BATCH_BYTES_MAX;
      if (this.#underWay > 0 && !isFull) return;
      void this.#send(this.#takeBatch());
    }
  }

  #takeBatch(): readonly Waiting[] {
    let count = 0;
    let byteCount = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && byteCount + waiting.byteCount > APPEND_BATCH_BYTES_MAX) break;
      if (count === APPEND_BATCH_MESSAGES_MAX) break;
      count += 1;
      byteCount += waiting.byteCount;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#waitingBytes -= byteCount;
    return batch;
  }

  /** Never rejects: its outcome is that of each message in it. */
  async #send(batch: readonly Waiting[]): Promise<void> {
    this.#underWay += 1;
    this.#telemetry.appendBatch(batch.length);
    try {
      const outcomes = await this.#store.append(batch.map(({ message }) => message));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new TypeError('the store gave an outcome too few'));
        else resolve(outcome);
      }
    } catch (error) {
      // Those that waited behind have waited as long: they fail now, not after another timeout.
      const behind = this.#underWay === 1 ? this.#takeAll() : [];
      for (const { reject } of [...batch, ...behind]) reject(error);
    } finally {
      this.#underWay -= 1;
      this.#flush();
    }
  }

  #takeAll(): readonly Waiting[] {
    const all = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return all;
  }
}
