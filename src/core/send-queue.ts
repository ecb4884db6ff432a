import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { ChainId } from '../protocol/ids.ts';

/** Sends that wait in one lane: a client reads ahead at most 64. */
export const LANE_WAITING_MAX = 128;
/** Chains whose refusals a lane remembers; a client has one in a room. */
export const LANE_CHAINS_MAX = 8;
const FULL_RETRY_MS = 250;

interface RefusedChain {
  /** Lowest number that was refused. */
  readonly number: number;
  /** When the refused send came, as the lane counts sends. */
  readonly arrival: number;
}

/**
 * The sends of one session to one room, one at a time in the order they came, so that a chain's numbers rise with
 * positions. After a number was refused, higher ones of its chain get `conflict` until one that is no higher, and came
 * later, is accepted.
 */
export class SendLane {
  readonly #refused = new Map<ChainId, RefusedChain>();
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #arrivals = 0;

  /** Nothing is remembered or waiting: a new lane would do as well. */
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
    if (this.#waiting >= LANE_WAITING_MAX) {
      this.#noteRefused(chain, number, arrival);
      return refuse('rate_limited', { message: 'too many sends wait', retryAfterMs: FULL_RETRY_MS });
    }
    this.#waiting += 1;
    const before = this.#tail;
    let pass: () => void = () => undefined;
    this.#tail = new Promise((resolve) => {
      pass = resolve;
    });
    try {
      await before;
      return await this.#run(chain, number, arrival, step);
    } finally {
      this.#waiting -= 1;
      pass();
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
      if (this.#refused.size <= LANE_CHAINS_MAX) break;
      this.#refused.delete(oldest);
    }
  }
}
