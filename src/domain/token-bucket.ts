import type { Rate } from '../protocol/limits.ts';

/** A token bucket on one node. Time comes in as an argument: milliseconds of a clock that never goes back. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAtMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate === 'off' ? 0 : rate.burst;
    this.#filledAtMs = nowMs;
  }

  /** Takes `cost` tokens and gives 0, or takes none and gives the milliseconds until there are enough. */
  take(nowMs: number, cost = 1): number {
    const waitMs = this.waitMs(nowMs, cost);
    if (this.#rate !== 'off' && waitMs === 0) this.#tokens -= Math.min(cost, this.#rate.burst);
    return waitMs;
  }

  /** What take() would give. Takes nothing. */
  waitMs(nowMs: number, cost = 1): number {
    if (this.#rate === 'off') return 0;
    const { count, periodMs, burst } = this.#rate;
    this.#fill(nowMs);
    // A cost above the burst could never be paid: a full bucket pays for it.
    const price = Math.min(cost, burst);
    return this.#tokens >= price ? 0 : Math.ceil(((price - this.#tokens) * periodMs) / count);
  }

  /** Puts back what take() took at this cost. */
  giveBack(cost = 1): void {
    if (this.#rate === 'off') return;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + cost);
  }

  /** For what cannot be undone: takes tokens even if there are none. The debt is a burst at most. */
  charge(nowMs: number, cost = 1): void {
    if (this.#rate === 'off') return;
    this.#fill(nowMs);
    this.#tokens = Math.max(-this.#rate.burst, this.#tokens - cost);
  }

  #fill(nowMs: number): void {
    if (this.#rate === 'off') return;
    const { count, periodMs, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, nowMs - this.#filledAtMs) * count) / periodMs);
    this.#filledAtMs = nowMs;
  }

  /** A full bucket is like a new one: it need not be kept. */
  isFull(nowMs: number): boolean {
    if (this.#rate === 'off') return true;
    const { count, periodMs, burst } = this.#rate;
    return this.#tokens + ((nowMs - this.#filledAtMs) * count) / periodMs >= burst;
  }
}
