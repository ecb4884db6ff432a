import type { Collection } from 'mongodb';
import type { StoredUserState, UserStateStore } from '../../ports/user-state-store.ts';
import { idBytes, type UserId } from '../../protocol/ids.ts';
import { insertNew } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied } from './stored-value.ts';

interface StateDocument extends StoredUserState {
  /** The user. */
  readonly _id: Uint8Array;
}

export class MongoUserStateStore implements UserStateStore {
  readonly #link: MongoLink;
  readonly #states: Collection<StateDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#states = link.db.collection('user_states');
  }

  get(user: UserId): Promise<StoredUserState | undefined> {
    return this.#link.run('user_state', async () => {
      const found = await this.#states.findOne({ _id: idBytes(user) });
      if (found === null) return undefined;
      const { version, sequence, data } = found;
      return { version, sequence, data: copied(data) };
    });
  }

  put(user: UserId, state: StoredUserState, before: number): Promise<'stored' | 'conflict'> {
    return this.#link.run('user_state_put', async () => {
      const _id = idBytes(user);
      if (before === 0) return (await insertNew(this.#states, { _id, ...state })) ? 'stored' : 'conflict';
      const { matchedCount } = await this.#states.updateOne({ _id, version: before }, { $set: state });
      return matchedCount === 1 ? 'stored' : 'conflict';
    });
  }

  async remove(user: UserId): Promise<void> {
    await this.#link.run('user_state_remove', () => this.#states.deleteOne({ _id: idBytes(user) }));
  }
}
