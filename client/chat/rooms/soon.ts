/** Runs a task once a moment after it was asked for, however often it was asked meanwhile. */
export class Soon {
  readonly #waitMs: number;
  readonly #task: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(waitMs: number, task: () => void) {
    this.#waitMs = waitMs;
    this.#task = task;
  }

  ask(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#task();
    }, this.#waitMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
