export interface Deadlined {
  readonly startedAtMs: number;
  isDone(): boolean;
  deadlinePassed(): void;
}

/**
 * One deadline of the same length for many things: since they end in the order in which they began, a queue and one
 * timer are enough, however many there are. The timer is set for the oldest that is not done, and only while something
 * waits; what is done stays in the queue until then.
 */
export class DeadlineQueue {
  readonly #lifeMs: number;
  #waiting: Deadlined[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  add(entry: Deadlined): void {
    this.#waiting.push(entry);
    this.#timer ??= setTimeout(this.#look, this.#lifeMs);
  }

  readonly #look = (): void => {
    const now = performance.now();
    let at = 0;
    let waitMs = 0;
    for (; at < this.#waiting.length; at += 1) {
      const entry = this.#waiting[at];
      if (entry === undefined || entry.isDone()) continue;
      waitMs = entry.startedAtMs + this.#lifeMs - now;
      if (waitMs > 0) break;
      entry.deadlinePassed();
    }
    this.#waiting = this.#waiting.slice(at);
    this.#timer = this.#waiting.length > 0 ? setTimeout(this.#look, waitMs) : undefined;
  };

  /** Forgets all; nothing is called any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }
}
