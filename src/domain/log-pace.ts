const EVERY_MS = 60_000;

/** Lets the same thing be logged once a minute. Keys must come from a bounded set. Time comes in: milliseconds of a clock that never goes back. */
export class LogPace<Key> {
  readonly #loggedAtMs = new Map<Key, number>();

  /** False: this was logged within the last minute. */
  take(key: Key, nowMs: number): boolean {
    if (nowMs - (this.#loggedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return false;
    this.#loggedAtMs.set(key, nowMs);
    return true;
  }
}
