import type { UserId } from '../../../src/protocol/ids.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import { getRecord, packRecord, parseRecord, putRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import { nameRecord, type PersonRecord, packPerson, parsePerson } from './person-record.ts';

/** What the profile holds about people, and which name belongs to whom. Each change is one step under the storage's lock. */
export class PersonStore {
  readonly #state: StateStore;

  constructor(state: StateStore) {
    this.#state = state;
  }

  async record(user: UserId): Promise<PersonRecord | undefined> {
    return parsePerson(await this.#state.get('people', user));
  }

  /** What the record became; undefined when `change` left things as they were. */
  change(
    user: UserId,
    change: (record: PersonRecord | undefined) => PersonRecord | undefined,
  ): Promise<PersonRecord | undefined> {
    return this.#state.update('people', user, (stored) => {
      const changed = change(parsePerson(stored));
      return changed === undefined ? { result: undefined } : { value: packPerson(changed), result: changed };
    });
  }

  /** A name belongs to the user it was first seen with. False: it is somebody else's. */
  claimName(user: UserId, name: UserName): Promise<boolean> {
    return this.#state.update('names', foldName(name), (current) => {
      const owner = parseRecord(nameRecord, current)?.user;
      if (owner !== undefined) return { result: owner === user };
      return { value: packRecord(nameRecord, { user }), result: true };
    });
  }

  /** A person decided that the name belongs to this user now. */
  giveName(user: UserId, name: UserName): Promise<void> {
    return putRecord(this.#state, 'names', foldName(name), nameRecord, { user });
  }

  async ownsName(user: UserId, record: PersonRecord | undefined): Promise<boolean> {
    if (record === undefined) return false;
    return (await getRecord(this.#state, 'names', foldName(record.name), nameRecord))?.user === user;
  }
}
