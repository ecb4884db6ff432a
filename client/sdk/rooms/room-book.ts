import { parseRoomId, type RoomId } from '../../../src/protocol/ids.ts';
import { foldName, type RoomName } from '../../../src/protocol/names.ts';
import { ConclaveError } from '../errors.ts';
import {
  deleteRecord,
  getRecord,
  packRecord,
  parseRecord,
  putRecord,
  type RoomPin,
  type RoomRecord,
  readRecord,
  roomPinRecord,
  roomRecord,
  secretRecord,
} from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import type { OpenedMessages } from './opened-messages.ts';

/** The rooms that the storage knows: membership, what names lead to, what was read, secrets of passwords. */
export class RoomBook {
  readonly #state: StateStore;
  readonly #opened: Pick<OpenedMessages, 'forget'>;

  constructor(state: StateStore, opened: Pick<OpenedMessages, 'forget'>) {
    this.#state = state;
    this.#opened = opened;
  }

  async list(): Promise<readonly (RoomRecord & { readonly id: RoomId })[]> {
    const records = await this.#state.list('rooms');
    return records.flatMap(({ key, value }) => {
      const id = parseRoomId(key);
      const record = parseRecord(roomRecord, value);
      return id === undefined || record === undefined ? [] : [{ ...record, id }];
    });
  }

  async find(name: RoomName): Promise<(RoomRecord & { readonly id: RoomId }) | undefined> {
    const folded = foldName(name);
    return (await this.list()).find((record) => foldName(record.name) === folded);
  }

  /** Membership as the server told it last. */
  put(id: RoomId, record: RoomRecord): Promise<void> {
    return putRecord(this.#state, 'rooms', id, roomRecord, record);
  }

  /** The user is no longer a member: what was kept of its messages goes, too. */
  async forget(id: RoomId): Promise<void> {
    await deleteRecord(this.#state, 'rooms', id);
    await this.#opened.forget(id);
  }

  /**
   * Takes the server's list of own rooms. Only what was `known` before it was asked for can be missing in it: a room that
   * was joined meanwhile stays.
   */
  async replaceAll(
    rooms: readonly (RoomRecord & { readonly id: RoomId })[],
    known: ReadonlySet<RoomId>,
  ): Promise<void> {
    const kept = new Set<RoomId>(rooms.map(({ id }) => id));
    for (const id of known) if (!kept.has(id)) await this.forget(id);
    for (const { id, ...record } of rooms) await this.put(id, record);
  }

  pin(name: RoomName): Promise<RoomPin | undefined> {
    return getRecord(this.#state, 'room-names', foldName(name), roomPinRecord);
  }

  /**
   * Remembers what a name leads to, and that it is locked, under the name and under the id, which a rename keeps. Rejects
   * with `trust` when the name led to another room before, or the room had a password and comes back without one:
   * `accept` takes it as it is.
   */
  async check(name: RoomName, found: RoomPin, accept = false): Promise<void> {
    const faults = [
      await this.#checkPin(foldName(name), name, found, accept),
      await this.#checkPin(`#${found.room}`, name, found, accept),
    ];
    const fault = faults.find((text) => text !== undefined);
    if (fault !== undefined) throw new ConclaveError('trust', fault);
  }

  /** What the name led to is forgotten. */
  release(name: RoomName): Promise<void> {
    return deleteRecord(this.#state, 'room-names', foldName(name));
  }

  /** A room that is known by its id has another name: what was pinned for the old one goes over, unless the new one leads elsewhere. */
  async renamed(id: RoomId, from: RoomName, to: RoomName): Promise<void> {
    const pin = await this.pin(from);
    if (pin?.room !== id || foldName(from) === foldName(to)) return;
    await this.#state.update('room-names', foldName(to), (current) =>
      parseRecord(roomPinRecord, current) === undefined
        ? { value: packRecord(roomPinRecord, pin), result: undefined }
        : { result: undefined },
    );
    await this.release(from);
  }

  #checkPin(key: string, name: RoomName, found: RoomPin, accept: boolean): Promise<string | undefined> {
    return this.#state.update('room-names', key, (current) => {
      const pin = accept ? undefined : parseRecord(roomPinRecord, current);
      if (pin !== undefined && pin.room !== found.room)
        return { result: `the name ${name} leads to another room than before` };
      if (pin?.locked === true && !found.locked)
        return { result: `the room ${name} had a password and comes back without one` };
      if (pin?.locked === found.locked) return { result: undefined };
      return { value: packRecord(roomPinRecord, found), result: undefined };
    });
  }

  async readPosition(id: RoomId): Promise<number> {
    return (await getRecord(this.#state, 'reads', id, readRecord))?.seq ?? 0;
  }

  /** Never goes back, whichever process was further. */
  async markRead(id: RoomId, seq: number): Promise<void> {
    await this.#state.update('reads', id, (current) => {
      const known = parseRecord(readRecord, current)?.seq ?? 0;
      return seq > known
        ? { value: packRecord(readRecord, { seq }), result: undefined }
        : { result: undefined };
    });
  }

  /** The room secret of one password setting. */
  async secret(id: RoomId, number: number): Promise<Uint8Array | undefined> {
    return (await getRecord(this.#state, 'secrets', `${id}.${number}`, secretRecord))?.secret;
  }

  putSecret(id: RoomId, number: number, secret: Uint8Array): Promise<void> {
    return putRecord(this.#state, 'secrets', `${id}.${number}`, secretRecord, { secret });
  }
}
