import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { LogEvent } from '../ports/log-events.ts';
import type { Telemetry } from '../ports/telemetry.ts';

/** Tasks beyond this are not begun: each is something that a later reader mends as well. */
export const BACKGROUND_TASKS_MAX = 1_000;

/** Work that nobody waits for. What fails in it is told to telemetry, never thrown. */
export class Background {
  readonly #telemetry: Telemetry;
  readonly #running = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
    // One for each task that pauses.
    setMaxListeners(BACKGROUND_TASKS_MAX, this.#ending.signal);
  }

  /** Begins a task, unless there are too many or close() was called. `event` is what is logged when it fails. */
  run(event: LogEvent, task: () => Promise<void>): void {
    if (this.#ending.signal.aborted) return;
    if (this.#running.size >= BACKGROUND_TASKS_MAX) {
      this.#telemetry.warn('background_full', undefined, { task: event });
      return;
    }
    const running = task()
      .catch((error: unknown) => {
        if (!this.#ending.signal.aborted) this.#telemetry.warn(event, error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
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
