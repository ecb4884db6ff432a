import type { StoredUserState, UserStateStore } from '../../ports/user-state-store.ts';
import type { UserId } from '../../protocol/ids.ts';
import { USER_STATE_BYTES_MAX } from '../../protocol/limits.ts';
import { bytesUpTo, map, uint } from '../../protocol/shape.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { keyOf } from './store-keys.ts';
import { rowKind } from './stored-rows.ts';

const stateRow = rowKind(map({ version: uint(), sequence: uint(), data: bytesUpTo(USER_STATE_BYTES_MAX) }));

export class LmdbUserStateStore implements UserStateStore {
  readonly #link: LmdbLink;

  constructor(link: LmdbLink) {
    this.#link = link;
  }

  async get(user: UserId): Promise<StoredUserState | undefined> {
    const row = await this.#link.read('user_state', (reader) => reader.get('user-states', keyOf(user)));
    return row === undefined ? undefined : stateRow.decode(row);
  }

  put(user: UserId, state: StoredUserState, before: number): Promise<'stored' | 'conflict'> {
    const row = stateRow.encode(state);
    return this.#link.write('user_state_put', (view) => {
      const stored = view.get('user-states', keyOf(user));
      const version = stored === undefined ? 0 : stateRow.decode(stored).version;
      if (version !== before) return 'conflict';
      view.put('user-states', keyOf(user), row);
      return 'stored';
    });
  }

  async remove(user: UserId): Promise<void> {
    await this.#link.write('user_state_remove', (view) => view.remove('user-states', keyOf(user)));
  }
}
