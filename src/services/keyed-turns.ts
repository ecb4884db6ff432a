/** Longest wait for a turn, in ms: a request has a deadline for all its steps. */
export const TURN_WAIT_MS = 400;

/**
 * One at a time for each key, in the order of arrival. It only spares requests of this node from getting in each other's
 * way: nothing's correctness hangs on it.
 */
export class KeyedTurns {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Gives 'too_late', with nothing done, when the turn came after TURN_WAIT_MS. */
  async run<T>(key: string, step: () => Promise<T>): Promise<T | 'too_late'> {
    const before = this.#tails.get(key);
    const cameAtMs = this.#nowMs();
    let pass: () => void = () => undefined;
    const tail = new Promise<void>((resolve) => {
      pass = resolve;
    });
    this.#tails.set(key, tail);
    try {
      await before;
      if (before !== undefined && this.#nowMs() - cameAtMs > TURN_WAIT_MS) return 'too_late';
      return await step();
    } finally {
      pass();
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
