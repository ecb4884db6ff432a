import type { Clock } from './clock.ts';
import { Pacing } from './pacing.ts';

/**
 * Runs a task soon, one run at a time. Asking again brings a run forward that waits; one that is under way is followed by another, however
 * often it is asked for meanwhile. Runs that follow each other closely are paced. What fails is left to the next time.
 */
export class Schedule {
  readonly #clock: Clock;
  readonly #task: () => Promise<unknown>;
  readonly #pacing: Pacing;
  #due = Number.POSITIVE_INFINITY;
  #isRunning = false;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, task: () => Promise<unknown>) {
    this.#clock = clock;
    this.#task = task;
    this.#pacing = new Pacing(clock);
  }

  within(ms: number): void {
    const due = this.#clock.now() + ms;
    if (due >= this.#due) return;
    this.#due = due;
    if (!this.#isRunning) this.#wait();
  }

  cancel(): void {
    this.#cancel();
    this.#due = Number.POSITIVE_INFINITY;
  }

  #wait(): void {
    this.#cancel();
    const waitMs = Math.max(0, this.#due - this.#clock.now(), this.#pacing.waitMs());
    this.#cancel = this.#clock.schedule(waitMs, () => void this.#run());
  }

  async #run(): Promise<void> {
    this.#due = Number.POSITIVE_INFINITY;
    this.#isRunning = true;
    this.#pacing.began();
    await this.#task().catch(() => undefined);
    this.#isRunning = false;
    if (this.#due < Number.POSITIVE_INFINITY) this.#wait();
  }
}
