import { effectsOf, keptMs, type RoomRecord, type RosterChange } from '../../domain/roster.ts';
import type { OwnRoom, RoomJob, RoomStore, RoomSummary, RosterUpdate } from '../../ports/room-store.ts';
import { ID_BYTES, parseRoomId, type RoomId, type UserId } from '../../protocol/ids.ts';
import { type FoldedName, foldName } from '../../protocol/names.ts';
import type { LmdbLink } from './lmdb-link.ts';
import {
  putJob,
  putMarks,
  putMembership,
  putRoom,
  recordOf,
  removeMembership,
  removeName,
  removeRoom,
  sameJob,
  storedMarks,
  storedRoom,
  updatedRoom,
} from './room-rows.ts';
import { changesSince, fileChange } from './roster-log.ts';
import { endOf, justAbove, keyOf, textKey } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import {
  jobRow,
  membershipRow,
  StoredRowFault,
  type StoredSummary,
  summaryOf,
  summaryRow,
} from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

export class LmdbRoomStore implements RoomStore {
  readonly #link: LmdbLink;
  readonly #changesKeptMax: number;

  constructor(link: LmdbLink, changesKeptMax: number) {
    this.#link = link;
    this.#changesKeptMax = changesKeptMax;
  }

  async create(record: RoomRecord): Promise<'created' | 'name_taken'> {
    // Before the first pause: from here on the caller may do with its bytes what it likes.
    const own = structuredClone(record);
    return this.#link.write('create_room', (view) => {
      if (view.get('room-names', textKey(own.folded)) !== undefined) return 'name_taken';
      putRoom(view, own.room, own);
      putMarks(view, own.room, own);
      for (const member of own.members) putMembership(view, own.room, member);
      return 'created';
    });
  }

  async byName(name: FoldedName): Promise<RoomRecord | undefined> {
    return this.#link.read('room_by_name', (reader) => {
      const id = reader.get('room-names', textKey(name));
      return id === undefined ? undefined : recordOf(reader, roomIdIn(id, 0));
    });
  }

  async byId(room: RoomId): Promise<RoomRecord | undefined> {
    return this.#link.read('room_by_id', (reader) => recordOf(reader, room));
  }

  async update(room: RoomId, update: RosterUpdate): Promise<'updated' | 'conflict' | 'name_taken'> {
    const own = structuredClone(update);
    return this.#link.write('update_room', (view) => updateRoom(view, room, own, this.#changesKeptMax));
  }

  async changes(room: RoomId, since: number, limit: number): Promise<readonly RosterChange[] | undefined> {
    return this.#link.read('room_changes', (reader) => {
      const stored = storedRoom(reader, room);
      return stored === undefined ? undefined : changesSince(reader, room, stored, { since, limit });
    });
  }

  async delete(room: RoomId, version: number): Promise<'deleted' | 'conflict'> {
    return this.#link.write('delete_room', (view) => {
      const stored = storedRoom(view, room);
      if (stored?.version !== version) return 'conflict';
      removeRoom(view, room, stored);
      putJob(view, { room, version, kind: 'deleted', after: 0 });
      return 'deleted';
    });
  }

  async jobs(after: RoomId | undefined, limit: number): Promise<readonly RoomJob[]> {
    if (limit <= 0) return this.#link.read('room_chores', () => []);
    const start = after === undefined ? Buffer.from([0]) : justAbove(keyOf(after));
    return this.#link.read('room_chores', (reader) =>
      reader
        .range('room-chores', { start, end: endOf(Buffer.alloc(0)), limit })
        .map(({ key, value }) => ({ room: roomIdIn(key, 0), ...jobRow.decode(value) })),
    );
  }

  async jobDone(job: RoomJob): Promise<boolean> {
    return this.#link.write('room_chore_done', (view) => {
      const stored = sameJob(view, job);
      if (stored === undefined) return false;
      putJob(view, { ...stored, after: Math.max(stored.after, job.after) });
      return true;
    });
  }

  async jobEnded(job: Omit<RoomJob, 'after'>): Promise<void> {
    await this.#link.write('room_chore_ended', (view) => {
      if (sameJob(view, job) !== undefined) view.remove('room-chores', keyOf(job.room));
    });
  }

  async raiseCeiling(room: RoomId, from: number, to: number): Promise<number | undefined> {
    return this.#link.write('raise_ceiling', (view) => {
      const marks = storedMarks(view, room);
      if (marks === undefined || marks.seqCeiling !== from || to <= from) return marks?.seqCeiling;
      putMarks(view, room, { ...marks, seqCeiling: to });
      return to;
    });
  }

  async lowerCeiling(room: RoomId, from: number, to: number): Promise<void> {
    await this.#link.write('lower_ceiling', (view) => {
      const marks = storedMarks(view, room);
      if (marks?.seqCeiling === from && to < from) putMarks(view, room, { ...marks, seqCeiling: to });
    });
  }

  async raiseSettled(room: RoomId, through: number): Promise<void> {
    await this.#link.write('raise_settled', (view) => {
      const marks = storedMarks(view, room);
      if (marks === undefined || marks.settledThrough >= through) return;
      putMarks(view, room, { ...marks, settledThrough: through });
    });
  }

  async settledThrough(room: RoomId): Promise<number> {
    return this.#link.read('room_settled', (reader) => storedMarks(reader, room)?.settledThrough ?? 0);
  }

  async roomsOf(user: UserId, after: RoomId | undefined, limit: number): Promise<readonly OwnRoom[]> {
    if (limit <= 0) return this.#link.read('rooms_of_user', () => []);
    const start = after === undefined ? keyOf(user) : justAbove(keyOf(user, after));
    return this.#link.read('rooms_of_user', (reader) =>
      reader.range('memberships', { start, end: endOf(keyOf(user)), limit }).map(({ key, value }) => {
        const room = roomIdIn(key, ID_BYTES);
        const { name, direct } = storedSummary(reader, room);
        return { room, name, ...membershipRow.decode(value), ...(direct !== undefined && { direct }) };
      }),
    );
  }

  async countRoomsOf(user: UserId): Promise<number> {
    const bounds = { start: keyOf(user), end: endOf(keyOf(user)) };
    return this.#link.read('count_rooms_of_user', (reader) => reader.count('memberships', bounds));
  }

  async summaries(rooms: readonly RoomId[]): Promise<readonly RoomSummary[]> {
    return this.#link.read('room_summaries', (reader) =>
      rooms.flatMap((room) => {
        const row = reader.get('room-summaries', keyOf(room));
        return row === undefined ? [] : [summaryOf(room, summaryRow.decode(row))];
      }),
    );
  }

  async listed(prefix: string, after: string | undefined, limit: number): Promise<readonly RoomSummary[]> {
    const end = endOf(textKey(prefix));
    const first = textKey(prefix === '' ? '\0' : prefix);
    const start = after === undefined || after < prefix ? first : justAbove(textKey(after));
    if (limit <= 0 || Buffer.compare(start, end) >= 0) return this.#link.read('listed_rooms', () => []);
    return this.#link.read('listed_rooms', (reader) =>
      reader
        .range('listed-rooms', { start, end, limit })
        .map(({ value }) => summaryIn(reader, roomIdIn(value, 0))),
    );
  }
}

function updateRoom(
  view: WriteView,
  room: RoomId,
  update: RosterUpdate,
  keptMax: number,
): 'updated' | 'conflict' | 'name_taken' {
  const { change } = update;
  const stored = storedRoom(view, room);
  if (stored === undefined || stored.version !== change.version - 1) return 'conflict';
  const next = updatedRoom(stored, update);
  const nameHolder = view.get('room-names', textKey(foldName(next.name)));
  if (nameHolder !== undefined && roomIdIn(nameHolder, 0) !== room) return 'name_taken';
  removeName(view, stored);
  putRoom(view, room, next);
  for (const { before, after } of effectsOf(change)) {
    if (before !== undefined) removeMembership(view, room, before.user);
    if (after !== undefined) putMembership(view, room, after);
  }
  const retentionDays = Math.max(stored.retention, next.retention);
  fileChange(view, room, change, { retentionDays, keptMax });
  if (keptMs(next) !== keptMs(stored))
    putJob(view, { room, version: next.version, kind: 'retention', after: 0 });
  return 'updated';
}

function summaryIn(reader: TableReader, room: RoomId): RoomSummary {
  return summaryOf(room, storedSummary(reader, room));
}

function storedSummary(reader: TableReader, room: RoomId): StoredSummary {
  const row = reader.get('room-summaries', keyOf(room));
  if (row === undefined) throw new StoredRowFault('a room has no summary');
  return summaryRow.decode(row);
}

function roomIdIn(bytes: Uint8Array, offset: number): RoomId {
  const room = parseRoomId(new Uint8Array(bytes.subarray(offset, offset + ID_BYTES)));
  if (room === undefined) throw new StoredRowFault('a room id is cut');
  return room;
}
