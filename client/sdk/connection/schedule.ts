import type { Clock } from './clock.ts';

/** Runs a task once, soon; asking again only brings it forward. What fails is left to the next time. */
export class Schedule {
  readonly #clock: Clock;
  readonly #task: () => Promise<unknown>;
  #due = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, task: () => Promise<unknown>) {
    this.#clock = clock;
    this.#task = task;
  }

  within(ms: number): void {
    const due = this.#clock.now() + ms;
    if (due >= this.#due) return;
    this.#cancel();
    this.#due = due;
    this.#cancel = this.#clock.schedule(ms, () => {
      this.#due = Number.POSITIVE_INFINITY;
      this.#task().catch(() => undefined);
    });
  }

  cancel(): void {
    this.#cancel();
    this.#due = Number.POSITIVE_INFINITY;
  }
}
