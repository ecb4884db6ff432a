import { parseRoomId, type RoomId } from '../../../src/protocol/ids.ts';
import { foldName, type RoomName } from '../../../src/protocol/names.ts';
import { deriveRoomPassword, type RoomPasswordKeys } from '../../crypto/room-password.ts';
import type { Clock } from '../connection/clock.ts';
import { localError } from '../errors.ts';
import { KeyEnds } from '../people/key-ends.ts';
import type { People } from '../people/people.ts';
import {
  deleteRecord,
  getRecord,
  packRecord,
  parseRecord,
  putRecord,
  type RoomRecord,
  readRecord,
  roomRecord,
  secretRecord,
} from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import { EpochBook } from './epoch-book.ts';
import { KnownMembers } from './known-members.ts';
import type { OpenedMessages } from './opened-messages.ts';
import { PrekeyWeeks } from './prekey-weeks.ts';
import { RoomPins } from './room-pins.ts';

interface RoomBookOptions {
  readonly state: StateStore;
  readonly opened: Pick<OpenedMessages, 'forget'>;
  readonly people: Pick<People, 'view'>;
  readonly clock: Pick<Clock, 'wallTime'>;
}

/** The rooms that the storage knows: membership, pins, members, ends of keys, epochs, what was read, secrets of passwords. */
export class RoomBook {
  readonly pins: RoomPins;
  readonly members: KnownMembers;
  readonly ends: KeyEnds;
  readonly epochs: EpochBook;
  readonly prekeyWeeks: PrekeyWeeks;
  readonly #state: StateStore;
  readonly #opened: Pick<OpenedMessages, 'forget'>;

  constructor(options: RoomBookOptions) {
    const { state, opened } = options;
    this.pins = new RoomPins(state);
    this.members = new KnownMembers(state);
    this.ends = new KeyEnds(options);
    this.epochs = new EpochBook(state);
    this.prekeyWeeks = new PrekeyWeeks(state);
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

  async record(id: RoomId): Promise<RoomRecord | undefined> {
    return parseRecord(roomRecord, await this.#state.get('rooms', id));
  }

  async find(name: RoomName): Promise<(RoomRecord & { readonly id: RoomId }) | undefined> {
    const folded = foldName(name);
    return (await this.list()).find((record) => foldName(record.name) === folded);
  }

  /** Membership as the server told it last. A room that has another name than before leaves its former one bound to it. */
  async put(id: RoomId, told: RoomRecord): Promise<void> {
    const before = await this.record(id);
    if (before !== undefined) await this.pins.renamed(id, before.name, told.name);
    // Gateways of earlier releases do not say that a room is a direct room; one that was stays so.
    const { direct = before?.direct } = told;
    const record = { ...told, ...(direct !== undefined && { direct }) };
    await putRecord(this.#state, 'rooms', id, roomRecord, record);
  }

  /** The server does not list the room: what was kept of its messages goes, pins stay. */
  async forget(id: RoomId): Promise<void> {
    await deleteRecord(this.#state, 'rooms', id);
    await this.#opened.forget(id);
  }

  /** The user left, or was shown that the membership has ended: nothing of it counts for a later one. */
  async ended(id: RoomId, how: 'left' | 'told'): Promise<void> {
    await this.forget(id);
    await this.pins.membershipEnded(id, how);
    await this.members.forget(id);
    await this.ends.forget(id);
    await this.epochs.forget(id);
    await deleteRecord(this.#state, 'sender-chains', id);
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

/** What a room password is made into. Rejects with `usage` when it is none. */
export async function roomKeysOf(password: string, salt: Uint8Array): Promise<RoomPasswordKeys> {
  const derived = await deriveRoomPassword(password, salt);
  if (!derived.ok) throw localError('usage', 'bad_room_password');
  return derived.keys;
}
