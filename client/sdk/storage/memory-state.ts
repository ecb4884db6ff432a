import { checkLimits, type StateChange, type StateStore, type StateTable } from './state-store.ts';

/** State that lives as long as the page or the process. */
export class MemoryState implements StateStore {
  readonly #records = new Map<StateTable, Map<string, Uint8Array>>();

  get(table: StateTable, key: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(copyOf(this.#table(table).get(key)));
  }

  list(
    table: StateTable,
    start = '',
  ): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]> {
    const records = [...this.#table(table)]
      .filter(([key]) => key.startsWith(start))
      .map(([key, value]) => ({ key, value: new Uint8Array(value) }));
    return Promise.resolve(records.sort((a, b) => (a.key < b.key ? -1 : 1)));
  }

  async update<T>(
    table: StateTable,
    key: string,
    change: (current: Uint8Array | undefined) => StateChange<T>,
  ): Promise<T> {
    const records = this.#table(table);
    const { value, result } = change(copyOf(records.get(key)));
    if (value === 'deleted') records.delete(key);
    else if (value !== undefined) {
      checkLimits(key, value);
      records.set(key, new Uint8Array(value));
    }
    return result;
  }

  #table(table: StateTable): Map<string, Uint8Array> {
    const records = this.#records.get(table) ?? new Map<string, Uint8Array>();
    this.#records.set(table, records);
    return records;
  }
}

function copyOf(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : new Uint8Array(value);
}
