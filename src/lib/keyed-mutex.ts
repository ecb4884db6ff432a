/** One task at a time for each key, in the order of the calls. A key that nobody holds takes no memory. */
export class KeyedLock<Key> {
  readonly #tails = new Map<Key, Promise<void>>();

  /** Runs `task` when all earlier ones of the key are done; gives what it gives and throws what it throws. */
  async run<Result>(key: Key, task: () => Promise<Result> | Result): Promise<Result> {
    const before = this.#tails.get(key);
    let release = (): void => undefined;
    const tail = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#tails.set(key, tail);
    try {
      await before;
      return await task();
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
      release();
    }
  }
}
