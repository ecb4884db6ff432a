/** Runs a task again and again, with a pause after each run and never twice at a time. A failed run is tried again. */
export class RepeatingTask {
  readonly #task: () => Promise<void>;
  readonly #pauseMs: number;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #again = false;
  #closed = false;

  /** The first run begins after one pause. */
  constructor(task: () => Promise<void>, pauseMs: number) {
    this.#task = task;
    this.#pauseMs = pauseMs;
    this.#runIn(pauseMs);
  }

  /** Runs at once, or once more when the run under way has ended. */
  runNow(): void {
    if (this.#running) this.#again = true;
    else this.#runIn(0);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #runIn(pauseMs: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), pauseMs);
  }

  #run(): void {
    this.#running = true;
    const ended = (): void => {
      this.#running = false;
      this.#runIn(this.#again ? 0 : this.#pauseMs);
      this.#again = false;
    };
    this.#task().then(ended, ended);
  }
}
