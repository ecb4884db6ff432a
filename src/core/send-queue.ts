import { Mutex } from '../lib/keyed-mutex.ts';
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
