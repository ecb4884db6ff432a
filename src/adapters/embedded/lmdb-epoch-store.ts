import type {
  EpochCopy,
  EpochPage,
  EpochRow,
  EpochStore,
  IssuedEpoch,
  NewEpoch,
  OwnEpoch,
} from '../../ports/epoch-store.ts';
import { userId } from '../../protocol/entities.ts';
import type { RoomId, UserId } from '../../protocol/ids.ts';
import {
  EPOCH_PATH_BYTES_MAX,
  EPOCH_RECORD_BYTES_MAX,
  EPOCH_WRAP_BYTES_MAX,
  HASH_BYTES,
} from '../../protocol/limits.ts';
import { bytes, bytesUpTo, map, optional, type Parsed, uint } from '../../protocol/shape.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { endOf, keyOf, NOTHING, NUMBER_BYTES, numberAt } from './store-keys.ts';
import type { Row, TableReader } from './store-tables.ts';
import { rowKind } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

const NUMBER_OFFSET = 16;
/** Epochs that live as long as their room. */
const LASTING = 2;
/** Rows changed in one commit. */
const STEP_MAX = 500;

const stored = map({
  rosterVersion: uint(),
  record: bytesUpTo(EPOCH_RECORD_BYTES_MAX),
  recordHash: bytes(HASH_BYTES),
  committer: userId,
  at: uint(),
  members: uint(),
  /** Both, or neither: when it was told to end, and when it does. */
  retiredAt: optional(uint()),
  expiresAt: optional(uint()),
});
type StoredEpoch = Parsed<typeof stored>;
const epochRow = rowKind(stored);
const copyRow = rowKind(
  map({ wrap: bytesUpTo(EPOCH_WRAP_BYTES_MAX), index: uint(), path: bytesUpTo(EPOCH_PATH_BYTES_MAX) }),
);

export class LmdbEpochStore implements EpochStore {
  readonly #link: LmdbLink;
  readonly #now: () => number;

  constructor(link: LmdbLink, now: () => number) {
    this.#link = link;
    this.#now = now;
  }

  async add({ room, number, copies, ...epoch }: NewEpoch): Promise<boolean> {
    const key = keyOf(room, number);
    const row = epochRow.encode(epoch);
    const copyRows = [...copies].map(([user, copy]) => ({
      key: keyOf(room, number, user),
      value: copyRow.encode(copy),
    }));
    return this.#link.write('epoch_add', (view) => {
      if (view.get('epochs', key) !== undefined) return false;
      view.put('epochs', key, row);
      for (const each of copyRows) view.put('epoch-copies', each.key, each.value);
      return true;
    });
  }

  async newest(room: RoomId): Promise<EpochRow | undefined> {
    return this.#link.read('epoch_newest', (reader) => {
      const [last] = reader.range('epochs', { ...boundsOf(room), limit: 1, reverse: true });
      return last === undefined ? undefined : rowOf(last);
    });
  }

  async byNumber(room: RoomId, number: number): Promise<EpochRow | undefined> {
    const key = keyOf(room, number);
    return this.#link.read('epoch_find', (reader) => {
      const value = reader.get('epochs', key);
      return value === undefined ? undefined : this.#living({ key, value });
    });
  }

  async page(
    room: RoomId,
    user: UserId,
    { after, fromVersion, limit }: EpochPage,
  ): Promise<readonly OwnEpoch[]> {
    return this.#link.read('epoch_page', (reader) => {
      const found: OwnEpoch[] = [];
      const { end } = boundsOf(room);
      for (let start = keyOf(room, after + 1); found.length < limit; ) {
        const rows = reader.range('epochs', { start, end, limit });
        for (const row of rows) {
          const epoch = this.#living(row);
          if (epoch === undefined || epoch.rosterVersion < fromVersion || found.length === limit) continue;
          const own = copyIn(reader, room, epoch.number, user);
          found.push(own === undefined ? epoch : { ...epoch, own });
        }
        const last = rows.at(-1);
        if (last === undefined || rows.length < limit) break;
        start = keyOf(room, numberAt(last.key, NUMBER_OFFSET) + 1);
      }
      return found;
    });
  }

  async issued(room: RoomId, number: number, users: readonly UserId[]): Promise<IssuedEpoch | undefined> {
    const key = keyOf(room, number);
    return this.#link.read('epoch_issued', (reader) => {
      const value = reader.get('epochs', key);
      const epoch = value === undefined ? undefined : this.#living({ key, value });
      if (epoch === undefined) return undefined;
      const copies = new Map<UserId, EpochCopy>();
      for (const user of users) {
        const copy = copyIn(reader, room, number, user);
        if (copy !== undefined) copies.set(user, copy);
      }
      return { epoch, copies };
    });
  }

  async retire(room: RoomId, at: number, lifeMs: number, anew?: 'anew'): Promise<void> {
    const { start, end } = boundsOf(room);
    const highest = await this.#link.read('epoch_retire', (reader) =>
      reader.keys('epochs', { start, end, limit: LASTING, reverse: true }),
    );
    const lowestLasting = highest[LASTING - 1];
    for (let below = lowestLasting; below !== undefined; ) {
      const bounds = { start, end: below, limit: STEP_MAX, reverse: true };
      below = await this.#link.writeAlone('epoch_retire', (view, reader) => {
        const rows = reader.range('epochs', bounds);
        for (const { key, value } of rows) {
          const epoch = epochRow.decode(value);
          // Those below it got their end no later.
          if (epoch.retiredAt !== undefined && anew === undefined) return undefined;
          giveEnd(view, key, epoch, epoch.retiredAt ?? at, lifeMs);
        }
        return rows.length < STEP_MAX ? undefined : rows.at(-1)?.key;
      });
    }
  }

  async purge(room: RoomId): Promise<void> {
    const bounds = { ...boundsOf(room), limit: STEP_MAX };
    for (let more = true; more; ) {
      more = await this.#link.writeAlone('purge_epochs', (view, reader) => {
        const copies = reader.keys('epoch-copies', bounds);
        for (const key of copies) view.remove('epoch-copies', key);
        const rows = reader.range('epochs', bounds);
        for (const { key, value } of rows) {
          view.remove('epochs', key);
          const { expiresAt } = epochRow.decode(value);
          if (expiresAt !== undefined) view.remove('epoch-expiry', expiryKey(expiresAt, key));
        }
        return copies.length === STEP_MAX || rows.length === STEP_MAX;
      });
    }
  }

  #living(row: Row): EpochRow | undefined {
    const { expiresAt } = epochRow.decode(row.value);
    return expiresAt !== undefined && expiresAt <= this.#now() ? undefined : rowOf(row);
  }
}

/** Removes what has expired, at most so many rows; answers how many. */
export function expireEpochs(view: WriteView, reader: TableReader, nowMs: number, max: number): number {
  let left = max;
  for (const due of reader.keys('epoch-expiry', { start: keyOf(0), end: keyOf(nowMs), limit: max })) {
    const key = due.subarray(NUMBER_BYTES);
    if (left === 0) return max;
    const copies = reader.keys('epoch-copies', { start: key, end: endOf(key), limit: left });
    for (const copy of copies) view.remove('epoch-copies', copy);
    left -= copies.length;
    // Some are left, perhaps; the next call finds it due again.
    if (left === 0) return max;
    view.remove('epochs', key);
    view.remove('epoch-expiry', due);
    left -= 1;
  }
  return max - left;
}

function boundsOf(room: RoomId): { readonly start: Buffer; readonly end: Buffer } {
  return { start: keyOf(room), end: endOf(keyOf(room)) };
}

function expiryKey(expiresAt: number, key: Uint8Array): Buffer {
  return Buffer.concat([keyOf(expiresAt), key]);
}

function giveEnd(view: WriteView, key: Buffer, epoch: StoredEpoch, retiredAt: number, lifeMs: number): void {
  if (epoch.expiresAt !== undefined) view.remove('epoch-expiry', expiryKey(epoch.expiresAt, key));
  const expiresAt = retiredAt + lifeMs;
  view.put('epochs', key, epochRow.encode({ ...epoch, retiredAt, expiresAt }));
  view.put('epoch-expiry', expiryKey(expiresAt, key), NOTHING);
}

function rowOf({ key, value }: Row): EpochRow {
  const { retiredAt: _retired, expiresAt: _expires, ...epoch } = epochRow.decode(value);
  return { number: numberAt(key, NUMBER_OFFSET), ...epoch };
}

function copyIn(reader: TableReader, room: RoomId, number: number, user: UserId): EpochCopy | undefined {
  const row = reader.get('epoch-copies', keyOf(room, number, user));
  return row === undefined ? undefined : copyRow.decode(row);
}
