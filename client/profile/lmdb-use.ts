import { ConclaveError } from '../sdk/errors.ts';

/**
 * Who works in an environment of LMDB. It must not be closed under a transaction: the writer thread would wait for a step of
 * this thread that never comes, and the process would never end.
 */
export class LmdbUse {
  readonly #running = new Set<Promise<unknown>>();
  #ended = false;

  /** Throws `closed` once the end has begun. */
  check(): void {
    if (this.#ended) throw new ConclaveError('closed', 'the profile was closed');
  }

  /** Rejects with `closed` once the end has begun. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.check();
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Lets nothing more begin, and waits for what has. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.allSettled([...this.#running]);
  }
}
