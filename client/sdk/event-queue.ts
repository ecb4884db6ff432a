/**
 * A bounded queue that is read by `for await`. When it is full the oldest entry gives way, and what `onOverflow` makes
 * is put in front of the rest, once until it was read.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #entriesMax: number;
  readonly #overflow: (() => T) | undefined;
  readonly #onReturn: () => void;
  #entries: T[] = [];
  #overflowed = false;
  #waiting: ((result: IteratorResult<T>) => void)[] = [];
  #ended = false;

  constructor(options: {
    readonly entriesMax: number;
    readonly overflow?: () => T;
    readonly onReturn?: () => void;
  }) {
    this.#entriesMax = options.entriesMax;
    this.#overflow = options.overflow;
    this.#onReturn = options.onReturn ?? (() => undefined);
  }

  push(entry: T): void {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ done: false, value: entry });
      return;
    }
    this.#entries.push(entry);
    if (this.#entries.length > this.#entriesMax) {
      this.#entries.shift();
      this.#overflowed = this.#overflow !== undefined;
    }
  }

  /** No more entries come; those that wait can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const waiting of this.#waiting) waiting({ done: true, value: undefined });
    this.#waiting = [];
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#overflowed && this.#overflow !== undefined) {
      this.#overflowed = false;
      return Promise.resolve({ done: false, value: this.#overflow() });
    }
    const entry = this.#entries.shift();
    if (entry !== undefined) return Promise.resolve({ done: false, value: entry });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.end();
    this.#entries = [];
    this.#overflowed = false;
    this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Tells entries to any number of readers, each with a queue of its own. */
export class Broadcast<T> {
  readonly #readers = new Set<EventQueue<T>>();
  readonly #options: { readonly entriesMax: number; readonly overflow?: () => T };
  #ended = false;

  constructor(options: { readonly entriesMax: number; readonly overflow?: () => T }) {
    this.#options = options;
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0;
  }

  tell(entry: T): void {
    for (const reader of this.#readers) reader.push(entry);
  }

  /** Everything from now on, after `first`. */
  follow(...first: readonly T[]): EventQueue<T> {
    const reader: EventQueue<T> = new EventQueue({
      ...this.#options,
      onReturn: () => this.#readers.delete(reader),
    });
    for (const entry of first) reader.push(entry);
    if (this.#ended) reader.end();
    else this.#readers.add(reader);
    return reader;
  }

  /** For good. What was told before can still be read. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }
}
