import type { StateStore } from '../../../client/sdk/storage/state-store.ts';
import { utf8 } from '../../../src/protocol/bytes.ts';

/** Counts one record up by one, and gives the new number. */
export function countUp(state: StateStore): Promise<number> {
  return state.update('reads', 'counter', (current) => {
    const next = Number(current === undefined ? 0 : new TextDecoder().decode(current)) + 1;
    return { value: utf8(String(next)), result: next };
  });
}
