import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** Tasks beyond this are not begun: each is something that a later reader mends as well. */
export const BACKGROUND_TASKS_MAX = 1_000;

interface Reporter<Event extends string> {
  warn(event: Event, error?: unknown, details?: Readonly<Record<string, string>>): void;
}

/** Work that nobody waits for. What fails in it is reported, never thrown. */
export class Background<Event extends string> {
  readonly #reporter: Reporter<Event>;
  readonly #full: Event;
  readonly #running = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  /** `full` is reported when a task is not begun, with its event as `task`. */
  constructor(reporter: Reporter<Event>, full: Event) {
    this.#reporter = reporter;
    this.#full = full;
    // One for each task that pauses.
    setMaxListeners(BACKGROUND_TASKS_MAX, this.#ending.signal);
  }

  /** Begins a task, unless there are too many or close() was called. `event` is what is logged when it fails. */
  run(event: Event, task: () => Promise<void>): void {
    if (this.#ending.signal.aborted) return;
    if (this.#running.size >= BACKGROUND_TASKS_MAX) {
      this.#reporter.warn(this.#full, undefined, { task: event });
      return;
    }
    const running = task()
      .catch((error: unknown) => {
        if (!this.#ending.signal.aborted) this.#reporter.warn(event, error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Aborts when close() is called. For tasks that wait. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** For tasks: rejects when close() is called meanwhile, which ends the task. */
  async pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#ending.signal });
  }

  /** Resolves when no task is left. */
  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#running);
  }
}
