import type { Clock } from './clock.ts';

/** Runs of one kind that begin without a pause, until there was none for QUIET_MS. */
export const PACED_FREE = 8;
/** The first pause after those; each one after it is twice as long, up to PAUSE_MS_MAX. */
const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 30_000;
/** After so long without a run, the pauses start again. */
const QUIET_MS = 60_000;

/** Decides when the client may do once more what a server asks of it. Honest servers ask seldom, and then it is at once. */
export class Pacing {
  readonly #clock: Clock;
  #inARow = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0, or the milliseconds until the next run may begin. */
  waitMs(): number {
    const sinceMs = this.#clock.now() - this.#lastAt;
    if (sinceMs >= QUIET_MS || this.#inARow < PACED_FREE) return 0;
    const pauseMs = Math.min(PAUSE_MS_MIN * 2 ** (this.#inARow - PACED_FREE), PAUSE_MS_MAX);
    return Math.max(0, pauseMs - sinceMs);
  }

  /** A run begins. */
  began(): void {
    const now = this.#clock.now();
    this.#inARow = now - this.#lastAt >= QUIET_MS ? 1 : this.#inARow + 1;
    this.#lastAt = now;
  }
}
