/** One task at a time, in the order of the calls. */
export class Mutex {
  #tail: Promise<void> | undefined;

  /** Runs `task` when all earlier ones are done, at once if none is under way; settles as the task does. */
  async run<Result>(task: () => Promise<Result> | Result): Promise<Result> {
    const before = this.#tail;
    let release = (): void => undefined;
    const tail = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#tail = tail;
    try {
      if (before !== undefined) await before;
      return await task();
    } finally {
      if (this.#tail === tail) this.#tail = undefined;
      release();
    }
  }

  get isFree(): boolean {
    return this.#tail === undefined;
  }
}

/** A mutex for each key. A key that nobody holds takes no memory. */
export class KeyedMutex<Key> {
  readonly #held = new Map<Key, Mutex>();

  async run<Result>(key: Key, task: () => Promise<Result> | Result): Promise<Result> {
    const mutex = this.#held.get(key) ?? new Mutex();
    this.#held.set(key, mutex);
    try {
      return await mutex.run(task);
    } finally {
      // Another one may have taken its place since.
      if (mutex.isFree && this.#held.get(key) === mutex) this.#held.delete(key);
    }
  }
}
