import type { RoomInfo } from '../../../src/protocol/entities.ts';
import { parseRoomId, type RoomId } from '../../../src/protocol/ids.ts';
import {
  HEADER_LAYOUT_FIRST,
  RETENTION_DAYS_DEFAULT,
  SUITE_FIRST,
  SUITE_LAST,
} from '../../../src/protocol/limits.ts';
import { foldName, parseRoomName, type RoomName, type UserName } from '../../../src/protocol/names.ts';
import { newRoomSalt, type RoomPasswordKeys } from '../../crypto/room-password.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import type { CreateOptions, ListedRoom } from '../api.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, errorWith, localError } from '../errors.ts';
import { directUserName } from '../shown-room-name.ts';
import type { RoomRecord } from '../storage/records.ts';
import { type DirectRooms, shownRoomName } from './direct-rooms.ts';
import type { OwnRoom } from './own-room.ts';
import { retentionFields } from './retention.ts';
import { type RoomBook, roomKeysOf } from './room-book.ts';
import { notAccepted } from './room-pins.ts';

/** Pages of the public list that are read: 100,000 rooms. */
const LISTED_PAGES_MAX = 1_000;

/** A client reads at most so many pages of its own rooms: 500 rooms, and some to spare. */
const OWN_PAGES_MAX = 10;

interface MembershipOptions {
  readonly link: Link;
  readonly book: RoomBook;
  readonly directs: DirectRooms;
  readonly timeoutMs: number | undefined;
  /** The server has listed the user's rooms. */
  listed(rooms: readonly ListedRecord[]): void;
}

type ListedRecord = RoomRecord & { readonly id: RoomId };

/** Which rooms there are and which the user is in; making, joining and leaving them. */
export class Membership {
  readonly #options: MembershipOptions;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** The public list, page by page as it is consumed. */
  async *listed(prefix: string | undefined): AsyncGenerator<ListedRoom, void, undefined> {
    const { link, timeoutMs } = this.#options;
    let cursor: Uint8Array | undefined;
    for (let pages = 0; pages < LISTED_PAGES_MAX; pages += 1) {
      const body = {
        ...(prefix === undefined ? {} : { prefix }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await link.request('rooms', body, { timeoutMs });
      for (const { name, suite = SUITE_FIRST, ...rest } of page.rooms) yield { room: name, ...rest, suite };
      cursor = page.cursor;
      if (cursor === undefined) return;
    }
    throw localError('too_large', 'rooms_endless');
  }

  async own(): Promise<readonly OwnRoom[]> {
    return this.#shown(await this.refresh());
  }

  /** As the server listed them last. */
  async kept(): Promise<readonly OwnRoom[]> {
    return this.#shown(await this.#options.book.list());
  }

  #shown(rooms: readonly ListedRecord[]): Promise<readonly OwnRoom[]> {
    return Promise.all(rooms.map((room) => this.#own(room.id, room)));
  }

  /** Asks the server for all of the user's rooms, and remembers them. */
  async refresh(): Promise<readonly ListedRecord[]> {
    const { book, link, timeoutMs } = this.#options;
    const rooms: ListedRecord[] = [];
    const known = new Set((await book.list()).map(({ id }) => id));
    let cursor: Uint8Array | undefined;
    for (let pages = 0; pages < OWN_PAGES_MAX; pages += 1) {
      const page = await link.request('mine', cursor === undefined ? {} : { cursor }, { timeoutMs });
      for (const { room: id, ...record } of page.rooms) rooms.push({ id, ...record });
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    await book.replaceAll(rooms, known);
    this.#options.listed(rooms);
    return rooms;
  }

  /** The id of a room that the user is in, also of `@NAME`; the server is asked when the book does not know it. */
  async idOf(room: string): Promise<RoomId> {
    const user = directUserName(room);
    if (user !== undefined) return this.#directIdOf(user);
    const name = roomNameOf(room);
    const { book } = this.#options;
    const known =
      (await book.find(name)) ??
      (await this.refresh()).find((record) => foldName(record.name) === foldName(name));
    const pin = await book.pins.ofName(name);
    if (known !== undefined && (pin === undefined || pin.room === known.id)) return known.id;
    if (pin?.renamed !== undefined)
      throw localError(known === undefined ? 'not_a_member' : 'trust', 'room_renamed', {
        former: name,
        room: pin.renamed,
      });
    if (known === undefined) throw errorWith('not_a_member', texts.refusals.not_a_member, { room: name });
    throw notAccepted(name, filled(texts.local.name_leads_elsewhere, { room: name }));
  }

  async #directIdOf(user: UserName): Promise<RoomId> {
    const wanted = `@${user}`.toLowerCase();
    const { book, directs } = this.#options;
    for (const records of [() => book.list(), () => this.refresh()])
      for (const record of await records())
        if ((await directs.shownName(record.id, record)).toLowerCase() === wanted) return record.id;
    throw localError('not_a_member', 'no_direct_room', { user });
  }

  async lookup(room: string): Promise<{ readonly password: boolean }> {
    const { password } = await this.setting(roomNameOf(room));
    return { password: password > 0 };
  }

  async create(
    room: string,
    {
      header = HEADER_LAYOUT_FIRST,
      suite = SUITE_FIRST,
      hidden = false,
      password,
      retention = RETENTION_DAYS_DEFAULT,
      retentionHours = 24 * retention,
    }: CreateOptions,
  ): Promise<OwnRoom> {
    const { link, timeoutMs } = this.#options;
    const name = roomNameOf(room);
    const salt = newRoomSalt();
    const keys = password === undefined ? undefined : await roomKeysOf(password, salt);
    const { book } = this.#options;
    let repeated = false;
    const before = new Set((await book.list()).map(({ id }) => id));
    const body = {
      name,
      hidden,
      ...retentionFields(retentionHours),
      ...(keys === undefined ? {} : { password: { salt, proof: keys.proof } }),
      // What is so anyway, gateways of any release understand.
      ...(header === HEADER_LAYOUT_FIRST ? {} : { header }),
      ...(suite === SUITE_FIRST ? {} : { suite }),
    };
    try {
      const { info } = await link.request('create', body, { timeoutMs, onRepeat: () => (repeated = true) });
      if ((await book.pins.ofRoom(info.room)) !== undefined) throw localError('trust', 'known_room_answered');
      // Whatever the name led to before: now it leads to the room that was made here.
      await book.pins.release(name);
      return await this.accept(info, keys);
    } catch (error) {
      if (!repeated || !(error instanceof ConclaveError) || error.code !== 'name_taken') throw error;
      // Perhaps by ourselves: the answer to an earlier try was lost.
      const own = (await this.refresh()).find(
        ({ id, name: other, role }) =>
          foldName(other) === foldName(name) && role === 'owner' && !before.has(id),
      );
      if (own === undefined) throw error;
      const { password: number } = await this.setting(name);
      refuseUnlocked(name, keys, number);
      await book.pins.release(name);
      await book.pins.check(name, { room: own.id, password: number });
      if (keys !== undefined) await book.putSecret(own.id, number, keys.secret);
      return this.#own(own.id, own);
    }
  }

  /** `wanted`: the room that the name has to lead to. */
  async join(room: string, password: string | undefined, wanted?: RoomId): Promise<OwnRoom> {
    const { book, link, timeoutMs } = this.#options;
    const name = roomNameOf(room);
    const setting = await this.setting(name);
    if (wanted !== undefined) await book.pins.check(name, { room: wanted, password: setting.password });
    const pin = await book.pins.ofName(name);
    if (pin?.renamed !== undefined)
      throw localError('trust', 'former_name_unsure', { former: name, room: pin.renamed });
    const fault =
      pin === undefined
        ? undefined
        : await book.pins.fault(name, { room: pin.room, password: setting.password });
    if (fault !== undefined) throw notAccepted(name, fault);
    if (setting.password > 0 && password === undefined)
      throw localError('needs_password', 'password_not_given', { room: name });
    if (setting.password === 0 && password !== undefined)
      throw localError('trust', 'password_not_wanted', { room: name });
    const keys =
      setting.password === 0 || password === undefined ? undefined : await roomKeysOf(password, setting.salt);
    try {
      const { info } = await link.request(
        'join',
        {
          name,
          ...(keys === undefined ? {} : { proof: keys.proof }),
          ...(link.has('suite-2') ? { suite: SUITE_LAST } : {}),
        },
        { timeoutMs },
      );
      return await this.accept(info, keys);
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'already_a_member') throw error;
      const id = parseRoomId(error.room) ?? (await this.idOf(name));
      await book.pins.check(name, { room: id, password: setting.password });
      // The answer says nothing about the password, so what is known is not replaced by it.
      if (keys !== undefined && (await book.secret(id, setting.password)) === undefined)
        await book.putSecret(id, setting.password, keys.secret);
      const known = (await this.refresh()).find((record) => record.id === id);
      if (known === undefined) throw error;
      return this.#own(id, known);
    }
  }

  async leave(id: RoomId): Promise<void> {
    const { book, link, timeoutMs } = this.#options;
    let repeated = false;
    try {
      await link.request('leave', { room: id }, { timeoutMs, onRepeat: () => (repeated = true) });
    } catch (error) {
      if (!repeated || !(error instanceof ConclaveError) || error.code !== 'not_a_member') throw error;
    }
    await book.ended(id, 'left');
  }

  /** Of the room's password; 0: it has none. */
  setting(name: RoomName): Promise<{ readonly password: number; readonly salt: Uint8Array }> {
    const { link, timeoutMs } = this.#options;
    return link.request('lookup', { name }, { timeoutMs });
  }

  /** Takes what the server says of a room that the user became a member of. Rejects with `trust` when it is not what is pinned. */
  async accept(info: RoomInfo, keys?: RoomPasswordKeys): Promise<OwnRoom> {
    const { book } = this.#options;
    const { room: id, name, role, joined, head, password, direct } = info;
    refuseUnlocked(name, keys, password);
    await book.pins.check(name, { room: id, password });
    await book.pins.joined(id, joined);
    if (keys !== undefined) await book.putSecret(id, password, keys.secret);
    const record = { name, role, joined, head, ...(direct !== undefined && { direct }) };
    await book.put(id, record);
    return this.#own(id, record);
  }

  async #own(id: RoomId, record: RoomRecord): Promise<OwnRoom> {
    const { book, directs } = this.#options;
    const { name, role, joined, head } = record;
    const read = Math.max(await book.readPosition(id), joined);
    const person = await directs.personOf(id, record);
    const life = (await book.pins.lifeOf(id))?.seconds ?? 0;
    const facts = { room: shownRoomName(name, person), id, role, joined, head, read, life };
    return person === undefined ? facts : { ...facts, direct: person.user };
  }
}

/** Whoever gave a password expects a room that has one. */
function refuseUnlocked(name: RoomName, keys: RoomPasswordKeys | undefined, password: number): void {
  if (keys !== undefined && password === 0) throw localError('trust', 'password_not_wanted', { room: name });
}

export function roomNameOf(room: string): RoomName {
  const name = parseRoomName(room);
  if (name === undefined) throw localError('invalid_name', 'bad_room_name');
  return name;
}
