import { parseRoomId, type RoomId } from '../../../src/protocol/ids.ts';
import { encodeUserState, parseUserState, type UserState } from '../../../src/protocol/layouts/user-state.ts';
import { HASH_BYTES, USER_STATE_BYTES_MAX } from '../../../src/protocol/limits.ts';
import { bytes, bytesUpTo, map, type Parsed, uint } from '../../../src/protocol/shape.ts';
import type { RoomBook } from '../rooms/room-book.ts';
import { getRecord, packRecord, parseRecord, readRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import { emptyState, fittingState, mergedStates } from './merge-state.ts';

/** What is known of the state that the server has. */
export interface StatePin {
  /** The highest version that was read or stored; 0: none. */
  readonly version: number;
  /** Of the identity that sealed it. */
  readonly sequence: number;
  /** H of the content of that version. */
  readonly digest: Uint8Array;
}

/** `session/user-state`: the state but for what was read, which is in `reads`, and the pin. */
const stateRecord = map({
  version: uint(),
  sequence: uint(),
  digest: bytes(HASH_BYTES),
  content: bytesUpTo(USER_STATE_BYTES_MAX),
});
type StateRecord = Parsed<typeof stateRecord>;

const KEY = 'user-state';
const fresh = { version: 0, sequence: 0, digest: new Uint8Array(HASH_BYTES) };

/** The user's state as the profile has it. It only ever grows together with others; nothing in it goes back. */
export class StateBook {
  readonly #state: StateStore;
  readonly #rooms: Pick<RoomBook, 'list'>;

  constructor(state: StateStore, rooms: Pick<RoomBook, 'list'>) {
    this.#state = state;
    this.#rooms = rooms;
  }

  /** Undefined: this profile never had one. */
  async pin(): Promise<StatePin | undefined> {
    return getRecord(this.#state, 'session', KEY, stateRecord);
  }

  async read(): Promise<UserState> {
    const { content } = (await getRecord(this.#state, 'session', KEY, stateRecord)) ?? {};
    const reads = (await this.#state.list('reads')).flatMap(({ key, value }) => {
      const [room, seq] = [parseRoomId(key), parseRecord(readRecord, value)?.seq];
      return room === undefined || seq === undefined ? [] : [[room, seq] as const];
    });
    return { ...stateIn(content), reads: new Map(reads) };
  }

  /** As much of what `read` gave as a state on the server has room for. */
  async fitting(state: UserState): Promise<UserState> {
    return fittingState(state, await this.#isMember());
  }

  /** Resolves with the state as it is then. `change` gives what is to be merged into it; it must be pure. */
  async merge(change: (current: UserState) => UserState): Promise<UserState> {
    const isMember = await this.#isMember();
    const { reads } = await this.#update((record) => {
      const current = stateIn(record.content);
      const other = change(current);
      const merged = fittingState(mergedStates(current, other), isMember);
      const content = encodeUserState({ ...merged, reads: new Map() });
      return { record: { ...record, content }, result: other };
    });
    for (const [room, seq] of reads)
      await this.#state.update('reads', room, (stored) => {
        const isFurther = seq > (parseRecord(readRecord, stored)?.seq ?? 0);
        return isFurther
          ? { value: packRecord(readRecord, { seq }), result: undefined }
          : { result: undefined };
      });
    return this.read();
  }

  /** Never goes back to an earlier version. */
  async keep(pin: StatePin): Promise<void> {
    await this.#update((record) => ({
      record: pin.version < record.version ? record : { ...record, ...pin },
      result: undefined,
    }));
  }

  async #isMember(): Promise<(room: RoomId) => boolean> {
    const rooms = new Set((await this.#rooms.list()).map(({ id }) => id));
    return (room) => rooms.has(room);
  }

  #update<T>(
    change: (record: StateRecord) => { readonly record: StateRecord; readonly result: T },
  ): Promise<T> {
    return this.#state.update('session', KEY, (stored) => {
      const before = parseRecord(stateRecord, stored) ?? { ...fresh, content: encodeUserState(emptyState) };
      const { record, result } = change(before);
      return { value: packRecord(stateRecord, record), result };
    });
  }
}

function stateIn(content: Uint8Array | undefined): UserState {
  return (content === undefined ? undefined : parseUserState(content)) ?? emptyState;
}
