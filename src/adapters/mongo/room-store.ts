import type { Collection, Filter, UpdateFilter } from 'mongodb';
import type { RoomRecord, RosterChange } from '../../domain/roster.ts';
import type { OwnRoom, RoomStore, RoomSummary, RosterUpdate } from '../../ports/room-store.ts';
import { idBytes, type RoomId, type UserId } from '../../protocol/ids.ts';
import { type FoldedName, foldName } from '../../protocol/names.ts';
import { insertNew, isDuplicateKey } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import {
  changeDocument,
  changeOf,
  memberDocument,
  type RoomDocument,
  recordOf,
  roomDocument,
  settingsDocument,
} from './room-document.ts';
import type { RosterLog } from './roster-log.ts';
import { storedRoomId, storedRoomName } from './stored-value.ts';

type OwnRow = Pick<RoomDocument, '_id' | 'name' | 'members'>;

interface SummaryRow extends Pick<RoomDocument, '_id' | 'name' | 'hidden'> {
  readonly memberCount: number;
  readonly passwordNumber: number;
}

const summaryFields = {
  name: 1,
  hidden: 1,
  memberCount: { $size: '$members' },
  passwordNumber: '$password.number',
} as const;

/** Sorts behind every name: names are ASCII letters and digits. */
const NAME_END = '\uffff';

export class MongoRoomStore implements RoomStore {
  readonly #link: MongoLink;
  readonly #log: RosterLog;
  readonly #rooms: Collection<RoomDocument>;

  constructor(link: MongoLink, log: RosterLog) {
    this.#link = link;
    this.#log = log;
    this.#rooms = link.db.collection('rooms');
  }

  create(record: RoomRecord): Promise<'created' | 'name_taken'> {
    return this.#link.run('room_create', async () =>
      (await insertNew(this.#rooms, roomDocument(record))) ? 'created' : 'name_taken',
    );
  }

  byName(name: FoldedName): Promise<RoomRecord | undefined> {
    return this.#link.run('room_by_name', () => this.#record({ folded: name }));
  }

  byId(room: RoomId): Promise<RoomRecord | undefined> {
    return this.#link.run('room_by_id', () => this.#record({ _id: idBytes(room) }));
  }

  update(room: RoomId, update: RosterUpdate): Promise<'updated' | 'conflict'> {
    return this.#link.run('room_update', async () => {
      const { change } = update;
      const { filter, update: steps } = conditionalUpdate(room, update);
      const now = await this.#rooms.findOne(
        { _id: idBytes(room), version: change.version - 1 },
        { projection: { lastChange: 1, retention: 1 } },
      );
      if (now === null) return 'conflict';
      if (now.lastChange !== undefined) await this.#log.file(room, now.lastChange, now.retention);
      try {
        const { matchedCount } = await this.#rooms.updateOne(filter, steps);
        return matchedCount === 1 ? 'updated' : 'conflict';
      } catch (error) {
        // The room's new name belongs to another.
        if (isDuplicateKey(error)) return 'conflict';
        throw error;
      }
    });
  }

  changes(room: RoomId, since: number): Promise<readonly RosterChange[] | undefined> {
    return this.#link.run('room_changes', async () => {
      // The record first: what it does not hold any more was filed before it was read.
      const now = await this.#rooms.findOne(
        { _id: idBytes(room) },
        { projection: { version: 1, lastChange: 1 } },
      );
      if (now === null) return undefined;
      if (since >= now.version) return [];
      if (now.lastChange === undefined) return undefined;
      const filed = await this.#log.between(room, since, now.version);
      // One for each version, unless the log no longer reaches back so far.
      return filed.length === now.version - since - 1 ? [...filed, changeOf(now.lastChange)] : undefined;
    });
  }

  delete(room: RoomId, version: number): Promise<'deleted' | 'conflict'> {
    return this.#link.run('room_delete', async () => {
      const { deletedCount } = await this.#rooms.deleteOne({ _id: idBytes(room), version });
      return deletedCount === 1 ? 'deleted' : 'conflict';
    });
  }

  raiseCeiling(room: RoomId, from: number, to: number): Promise<number | undefined> {
    return this.#link.run('room_raise_ceiling', async () => {
      const _id = idBytes(room);
      const raised = await this.#rooms.updateOne({ _id, seqCeiling: from }, { $max: { seqCeiling: to } });
      if (raised.matchedCount === 1) return Math.max(from, to);
      const now = await this.#rooms.findOne({ _id }, { projection: { seqCeiling: 1 } });
      return now?.seqCeiling;
    });
  }

  raiseSettled(room: RoomId, through: number): Promise<void> {
    return this.#link.run('room_raise_settled', async () => {
      await this.#rooms.updateOne({ _id: idBytes(room) }, { $max: { settledThrough: through } });
    });
  }

  roomsOf(user: UserId, after: RoomId | undefined, limit: number): Promise<readonly OwnRoom[]> {
    return this.#link.run('rooms_of', async () => {
      const member = idBytes(user);
      const rows = await this.#rooms
        .find({ 'members.user': member, ...(after === undefined ? {} : { _id: { $gt: idBytes(after) } }) })
        .sort({ _id: 1 })
        .limit(limit)
        .project<OwnRow>({ name: 1, members: { $elemMatch: { user: member } } })
        .toArray();
      return rows.flatMap(({ _id, name, members }) =>
        members.map(({ role, joined }) => ({
          room: storedRoomId(_id),
          name: storedRoomName(name),
          role,
          joined,
        })),
      );
    });
  }

  countRoomsOf(user: UserId): Promise<number> {
    return this.#link.run('count_rooms_of', () =>
      this.#rooms.countDocuments({ 'members.user': idBytes(user) }),
    );
  }

  summaries(rooms: readonly RoomId[]): Promise<readonly RoomSummary[]> {
    return this.#link.run('room_summaries', async () => {
      const rows = await this.#rooms
        .find({ _id: { $in: rooms.map(idBytes) } })
        .project<SummaryRow>(summaryFields)
        .toArray();
      return rows.map(summaryOf);
    });
  }

  listed(prefix: string, after: string | undefined, limit: number): Promise<readonly RoomSummary[]> {
    return this.#link.run('rooms_listed', async () => {
      const folded = { $gte: prefix, $lt: prefix + NAME_END, ...(after === undefined ? {} : { $gt: after }) };
      const rows = await this.#rooms
        .find({ hidden: false, folded })
        .sort({ folded: 1 })
        .limit(limit)
        .project<SummaryRow>(summaryFields)
        .toArray();
      return rows.map(summaryOf);
    });
  }

  async #record(filter: Filter<RoomDocument>): Promise<RoomRecord | undefined> {
    const found = await this.#rooms.findOne(filter);
    return found === null ? undefined : recordOf(found);
  }
}

/** Touches only the member that changes, so that an update in a room of 1,000 stays small on the wire and in the oplog. */
function conditionalUpdate(
  room: RoomId,
  { change, raisesFloor, settings }: RosterUpdate,
): { filter: Filter<RoomDocument>; update: UpdateFilter<RoomDocument> } {
  const { version, before, after } = change;
  const base: Filter<RoomDocument> = { _id: idBytes(room), version: version - 1 };
  const set = {
    version,
    lastChange: changeDocument(change),
    ...(raisesFloor ? { floor: version } : {}),
    ...(settings === undefined ? {} : settingsDocument(settings)),
  };
  if (after !== undefined) {
    const user = idBytes(after.user);
    const member = memberDocument(after);
    return before === undefined
      ? {
          filter: { ...base, 'members.user': { $ne: user } },
          update: { $set: set, $push: { members: member } },
        }
      : { filter: { ...base, 'members.user': user }, update: { $set: { ...set, 'members.$': member } } };
  }
  if (before === undefined) return { filter: base, update: { $set: set } };
  return { filter: base, update: { $set: set, $pull: { members: { user: idBytes(before.user) } } } };
}

function summaryOf({ _id, name, hidden, memberCount, passwordNumber }: SummaryRow): RoomSummary {
  const roomName = storedRoomName(name);
  return {
    room: storedRoomId(_id),
    name: roomName,
    folded: foldName(roomName),
    members: memberCount,
    hasPassword: passwordNumber > 0,
    hidden,
  };
}
