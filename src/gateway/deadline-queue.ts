/** How far behind its deadline something may be found to have passed it. */
const TICK_MS = 25;

export interface Deadlined {
  readonly startedAtMs: number;
  isDone(): boolean;
  deadlinePassed(): void;
}

/**
 * One deadline of the same length for many things: since they end in the order in which they began, a queue and one
 * timer are enough, however many there are. The timer runs only while something waits.
 */
export class DeadlineQueue {
  readonly #lifeMs: number;
  #waiting: Deadlined[] = [];
  #head = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  add(entry: Deadlined): void {
    this.#waiting.push(entry);
    this.#timer ??= setInterval(this.#tick, TICK_MS);
  }

  readonly #tick = (): void => {
    const startedBefore = performance.now() - this.#lifeMs;
    while (this.#head < this.#waiting.length) {
      const entry = this.#waiting[this.#head];
      if (entry !== undefined && !entry.isDone()) {
        if (entry.startedAtMs > startedBefore) break;
        entry.deadlinePassed();
      }
      this.#head += 1;
    }
    if (this.#head === this.#waiting.length) {
      this.close();
    } else if (this.#head > 1_024) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  };

  /** Forgets all; nothing is called any more. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
    this.#head = 0;
  }
}
