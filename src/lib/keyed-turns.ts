import { KeyedMutex } from './keyed-mutex.ts';

/** Longest wait for a turn, in ms: a request has a deadline for all its steps, and the step itself needs most of it. */
export const TURN_WAIT_MS = 250;
/** Steps that run at once on this node, whatever their keys. */
export const TURNS_AT_ONCE = 2;

/**
 * One at a time for each key, in the order of arrival, and few at a time over all keys: when more are asked for than the
 * stores carry, some are refused at once and the others done in time, instead of all of them too late. It only spares
 * requests of this node from getting in each other's way: nothing's correctness hangs on it.
 */
export class KeyedTurns {
  readonly #keys = new KeyedMutex<string>();
  readonly #nowMs: () => number;
  /** Who waits for one of the TURNS_AT_ONCE, oldest first. One for each key at most. */
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Gives 'too_late', with nothing done, when the turn came after TURN_WAIT_MS. */
  run<T>(key: string, step: () => Promise<T>): Promise<T | 'too_late'> {
    const cameAtMs = this.#nowMs();
    return this.#keys.run(key, async () => {
      if (this.#isLate(cameAtMs)) return 'too_late';
      await this.#enter();
      try {
        return this.#isLate(cameAtMs) ? 'too_late' : await step();
      } finally {
        this.#exit();
      }
    });
  }

  #isLate(cameAtMs: number): boolean {
    return this.#nowMs() - cameAtMs > TURN_WAIT_MS;
  }

  #enter(): Promise<void> | undefined {
    if (this.#running < TURNS_AT_ONCE) {
      this.#running += 1;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #exit(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
