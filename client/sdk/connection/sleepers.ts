import type { Clock } from './clock.ts';

/** Waits of a limited time that all end early when one thing happens. */
export class Sleepers {
  readonly #clock: Clock;
  readonly #wakes = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after `ms`, which may be infinite, or at wakeAll(). */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wakes.delete(wake);
        resolve();
      };
      const cancel =
        ms === Number.POSITIVE_INFINITY ? (): void => undefined : this.#clock.schedule(Math.max(ms, 0), wake);
      this.#wakes.add(wake);
    });
  }

  wakeAll(): void {
    for (const wake of [...this.#wakes]) wake();
  }
}
