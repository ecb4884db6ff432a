import type { UserId } from '../../../src/protocol/ids.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import { map, uint } from '../../../src/protocol/shape.ts';
import { getRecord, packRecord, parseRecord, putRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import { nameRecord, type PersonRecord, packPerson, parsePerson } from './person-record.ts';
import { type PersonView, viewOf } from './person-view.ts';

/** `meta/people`: counts the changes of what is held about people, by every process of the profile. */
const generationRecord = map({ changes: uint() });

/** What the profile holds about people, and which name belongs to whom. Each change is one step under the storage's lock. */
export class PersonStore {
  readonly #state: StateStore;
  /** People with a record, as far as this process knows; undefined: not counted yet. */
  #people: number | undefined;

  constructor(state: StateStore) {
    this.#state = state;
  }

  /** As long as it is the same, nothing changed in what is held about anybody. */
  async generation(): Promise<number> {
    return (await getRecord(this.#state, 'meta', 'people', generationRecord))?.changes ?? 0;
  }

  async #changed(): Promise<void> {
    await this.#state.update('meta', 'people', (stored) => {
      const changes = (parseRecord(generationRecord, stored)?.changes ?? 0) + 1;
      return { value: packRecord(generationRecord, { changes }), result: undefined };
    });
  }

  async record(user: UserId): Promise<PersonRecord | undefined> {
    return parsePerson(await this.#state.get('people', user));
  }

  async view(user: UserId): Promise<PersonView> {
    const record = await this.record(user);
    return viewOf(record, await this.ownsName(user, record));
  }

  /** Whether fewer people than `max` have a record. What other processes add meanwhile is not counted. */
  async hasRoom(max: number): Promise<boolean> {
    this.#people ??= (await this.#state.list('people')).length;
    return this.#people < max;
  }

  /** What the record became; undefined when `change` left things as they were. */
  async change(
    user: UserId,
    change: (record: PersonRecord | undefined) => PersonRecord | undefined,
  ): Promise<PersonRecord | undefined> {
    const { record, isNew } = await this.#state.update('people', user, (stored) => {
      const changed = change(parsePerson(stored));
      const result = { record: changed, isNew: stored === undefined };
      return changed === undefined ? { result } : { value: packPerson(changed), result };
    });
    if (record === undefined) return undefined;
    if (isNew && this.#people !== undefined) this.#people += 1;
    await this.#changed();
    return record;
  }

  /** A name belongs to the user it was first seen with. False: it is somebody else's. */
  async claimName(user: UserId, name: UserName): Promise<boolean> {
    const known = await getRecord(this.#state, 'names', foldName(name), nameRecord);
    // Asked for every member of every roster: as a rule there is nothing to write.
    if (known !== undefined) return known.user === user;
    return this.#state.update('names', foldName(name), (current) => {
      const owner = parseRecord(nameRecord, current)?.user;
      if (owner !== undefined) return { result: owner === user };
      return { value: packRecord(nameRecord, { user }), result: true };
    });
  }

  /** A person decided that the name belongs to this user now. */
  async giveName(user: UserId, name: UserName): Promise<void> {
    await putRecord(this.#state, 'names', foldName(name), nameRecord, { user });
    await this.#changed();
  }

  async ownsName(user: UserId, record: PersonRecord | undefined): Promise<boolean> {
    if (record === undefined) return false;
    return (await getRecord(this.#state, 'names', foldName(record.name), nameRecord))?.user === user;
  }
}
