export const HISTORY_ENTRIES_MAX = 500;
export const HISTORY_CHARS_MAX = 512 * 1024;

/** What was written before, for Up and Down. */
export class InputHistory {
  /** Oldest first. */
  readonly #entries: string[] = [];
  #chars = 0;
  /** The entry that is shown; after the last one it is the text that was not sent yet. */
  #at = 0;
  /** What stands at a place instead of its entry, until something is sent. */
  readonly #changed = new Map<number, string>();

  /** Oldest first. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  /** What was sent. It stands at the end once, and the next `older` begins there. */
  add(text: string): void {
    if (text.trim() !== '' && text !== this.#entries.at(-1)) {
      this.#entries.push(text);
      this.#chars += text.length;
      while (this.#entries.length > HISTORY_ENTRIES_MAX || this.#chars > HISTORY_CHARS_MAX)
        this.#chars -= this.#entries.shift()?.length ?? 0;
    }
    this.#at = this.#entries.length;
    this.#changed.clear();
  }

  /** The text before the one that is shown; `shown` is kept in its place. Undefined: there is none. */
  older(shown: string): string | undefined {
    return this.#go(shown, this.#at - 1);
  }

  /** The text after the one that is shown; the last one is what was not sent. Undefined: it is shown already. */
  newer(shown: string): string | undefined {
    return this.#go(shown, this.#at + 1);
  }

  #go(shown: string, to: number): string | undefined {
    if (to < 0 || to > this.#entries.length) return undefined;
    this.#changed.set(this.#at, shown);
    this.#at = to;
    return this.#changed.get(to) ?? this.#entries[to] ?? '';
  }
}
