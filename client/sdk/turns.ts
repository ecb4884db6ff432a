/** Work that is done one at a time, in the order in which it was asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #underWay = 0;

  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** Settles as the work does; what fails holds up nobody behind it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** Turns for each key. A key without work takes no memory. */
export class KeyedTurns<Key> {
  readonly #turns = new Map<Key, Turns>();

  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(key) ?? new Turns();
    this.#turns.set(key, turns);
    try {
      return await turns.run(work);
    } finally {
      if (turns.isIdle && this.#turns.get(key) === turns) this.#turns.delete(key);
    }
  }
}
