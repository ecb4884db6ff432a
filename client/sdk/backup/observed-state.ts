import type { StateChange, StateStore, StateTable } from '../storage/state-store.ts';

/** What a backup is worth making for: who people are, and secrets of rooms. */
export const BACKED_UP: ReadonlySet<StateTable> = new Set(['people', 'names', 'secrets']);

/** A state that tells when something was written that belongs into a backup. */
export function observedState(state: StateStore, changed: () => void): StateStore {
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
      if (isWritten && BACKED_UP.has(table)) changed();
      return result;
    },
  };
}
