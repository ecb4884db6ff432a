import type { Clock } from './clock.ts';

export const RETRY_FLOOR_MS = 500;
export const RETRY_CAP_MS = 20_000;
/** A connection counts as good, and the pauses start small again, only after it has lasted this long. */
export const STABLE_AFTER_MS = 30_000;
/** Nothing a server advises keeps a client away for longer. */
const ADVICE_MS_MAX = 10 * 60_000;

/**
 * Pauses between attempts: evenly chosen below a ceiling that doubles from RETRY_FLOOR_MS to RETRY_CAP_MS (full jitter,
 * so that clients that lost one server don't come back in step). What a server advises is waited out first, whole.
 */
export class Backoff {
  readonly #clock: Clock;
  #ceilingMs = RETRY_FLOOR_MS;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The next pause in ms. `adviceMs` is the server's "not before". */
  nextMs(adviceMs = 0): number {
    const jitterMs = this.#clock.random() * this.#ceilingMs;
    this.#ceilingMs = Math.min(this.#ceilingMs * 2, RETRY_CAP_MS);
    return Math.min(adviceMs, ADVICE_MS_MAX) + jitterMs;
  }

  /** Called when a connection ended that was open for so long. */
  endedAfter(openMs: number): void {
    if (openMs >= STABLE_AFTER_MS) this.#ceilingMs = RETRY_FLOOR_MS;
  }
}
