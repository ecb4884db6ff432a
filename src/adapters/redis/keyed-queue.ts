/** Runs tasks of one key one after the other, in the order given; tasks of different keys run side by side. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Settles as the task does. One that fails does not keep the next from running. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const running = before === undefined ? task() : before.then(task);
    const tail: Promise<void> = running.then(
      () => this.#end(key, tail),
      () => this.#end(key, tail),
    );
    this.#tails.set(key, tail);
    return running;
  }

  #end(key: string, tail: Promise<void>): void {
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}
