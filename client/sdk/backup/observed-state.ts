import type { StateChange, StateStore, StateTable } from '../storage/state-store.ts';

/** What a backup is worth making for: who people are, and secrets of rooms. */
export const BACKED_UP: ReadonlySet<StateTable> = new Set(['people', 'names', 'secrets']);

/** A state that tells in which table something was written. */
export function observedState(state: StateStore, written: (table: StateTable) => void): StateStore {
  return {
    get: (...given) => state.get(...given),
    list: (...given) => state.list(...given),
    async update<T>(
      table: StateTable,
      key: string,
      change: (current: Uint8Array | undefined) => StateChange<T>,
    ): Promise<T> {
      let isWritten = false;
      const result = await state.update(table, key, (current) => {
        const next = change(current);
        isWritten = next.value !== undefined;
        return next;
      });
      if (isWritten) written(table);
      return result;
    },
  };
}
