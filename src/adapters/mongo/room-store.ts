import type { Collection, Filter, UpdateFilter, UpdateOptions } from 'mongodb';
import { effectsOf, keptMs, type RoomRecord, type RosterChange } from '../../domain/roster.ts';
import type { OwnRoom, RoomJob, RoomStore, RoomSummary, RosterUpdate } from '../../ports/room-store.ts';
import { idBytes, type RoomId, type UserId } from '../../protocol/ids.ts';
import type { FoldedName } from '../../protocol/names.ts';
import { insertNew, isDuplicateKey } from './duplicate-key.ts';
import {
  beforeChangeFields,
  countAfter,
  type SummaryRow,
  summariesOf,
  summaryFields,
} from './member-counts.ts';
import type { MongoLink } from './mongo-link.ts';
import {
  changeDocument,
  changeOf,
  DELETED_VERSION,
  directOf,
  type JobDocument,
  memberDocument,
  type RoomDocument,
  recordOf,
  roomDocument,
  settingsDocument,
} from './room-document.ts';
import type { RosterLog } from './roster-log.ts';
import { storedRoomId, storedRoomName } from './stored-value.ts';

type OwnRow = Pick<RoomDocument, '_id' | 'name' | 'members' | 'direct'>;

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
    return this.#link.run('room_by_id', () => this.#record(living(room)));
  }

  update(room: RoomId, update: RosterUpdate): Promise<'updated' | 'conflict' | 'name_taken'> {
    return this.#link.run('room_update', async () => {
      const { change, settings } = update;
      const now = await this.#rooms.findOne(
        { _id: idBytes(room), version: change.version - 1 },
        { projection: beforeChangeFields },
      );
      const memberCount = now === null ? undefined : await countAfter(this.#rooms, now, change);
      if (now === null || memberCount === undefined) return 'conflict';
      if (now.lastChange !== undefined) await this.#log.file(room, now.lastChange, now.retention);
      const livesOtherwise = settings !== undefined && keptMs(settings) !== keptMs(now);
      const { filter, steps, options } = conditionalUpdate(room, update, { livesOtherwise, memberCount });
      try {
        const { matchedCount } = await this.#rooms.updateOne(filter, steps, options);
        return matchedCount === 1 ? 'updated' : 'conflict';
      } catch (error) {
        if (isDuplicateKey(error)) return 'name_taken';
        throw error;
      }
    });
  }

  changes(room: RoomId, since: number, limit: number): Promise<readonly RosterChange[] | undefined> {
    return this.#link.run('room_changes', async () => {
      // The record first: what it does not hold any more was filed before it was read.
      const now = await this.#rooms.findOne(living(room), { projection: { version: 1, lastChange: 1 } });
      if (now === null) return undefined;
      const through = Math.min(now.version, since + limit);
      if (since >= through) return [];
      const filed = await this.#log.between(room, since, Math.min(now.version, through + 1));
      const last = through === now.version && now.lastChange !== undefined ? [changeOf(now.lastChange)] : [];
      // One for each version, unless the log no longer reaches back so far.
      return filed.length + last.length === through - since ? [...filed, ...last] : undefined;
    });
  }

  delete(room: RoomId, version: number): Promise<'deleted' | 'conflict'> {
    return this.#link.run('room_delete', async () => {
      const { matchedCount } = await this.#rooms.updateOne(
        { _id: idBytes(room), version },
        deletion(room, version),
      );
      return matchedCount === 1 ? 'deleted' : 'conflict';
    });
  }

  jobs(after: RoomId | undefined, limit: number): Promise<readonly RoomJob[]> {
    return this.#link.run('room_chores', async () => {
      const rows = await this.#rooms
        .find({
          'chore.version': { $exists: true },
          ...(after === undefined ? {} : { _id: { $gt: idBytes(after) } }),
        })
        .sort({ _id: 1 })
        .limit(limit)
        .project<Pick<RoomDocument, '_id' | 'chore'>>({ chore: 1 })
        .toArray();
      return rows.flatMap(({ _id, chore }) =>
        chore === undefined ? [] : [{ room: storedRoomId(_id), ...chore }],
      );
    });
  }

  jobDone({ room, version, kind, after }: RoomJob): Promise<boolean> {
    return this.#link.run('room_chore_done', async () => {
      const same = { _id: idBytes(room), 'chore.version': version, 'chore.kind': kind };
      const { matchedCount } = await this.#rooms.updateOne(same, { $max: { 'chore.after': after } });
      return matchedCount === 1;
    });
  }

  jobEnded({ room, version, kind }: Omit<RoomJob, 'after'>): Promise<void> {
    return this.#link.run('room_chore_ended', async () => {
      const same = { _id: idBytes(room), 'chore.version': version, 'chore.kind': kind };
      if (kind === 'deleted') await this.#rooms.deleteOne(same);
      else await this.#rooms.updateOne(same, { $unset: { chore: 1 } });
    });
  }

  raiseCeiling(room: RoomId, from: number, to: number): Promise<number | undefined> {
    return this.#link.run('room_raise_ceiling', async () => {
      const raised = await this.#rooms.updateOne(
        { ...living(room), seqCeiling: from },
        { $max: { seqCeiling: to } },
      );
      if (raised.matchedCount === 1) return Math.max(from, to);
      const now = await this.#rooms.findOne(living(room), { projection: { seqCeiling: 1 } });
      return now?.seqCeiling;
    });
  }

  lowerCeiling(room: RoomId, from: number, to: number): Promise<void> {
    return this.#link.run('room_lower_ceiling', async () => {
      await this.#rooms.updateOne({ _id: idBytes(room), seqCeiling: from }, { $min: { seqCeiling: to } });
    });
  }

  raiseSettled(room: RoomId, through: number): Promise<void> {
    return this.#link.run('room_raise_settled', async () => {
      await this.#rooms.updateOne({ _id: idBytes(room) }, { $max: { settledThrough: through } });
    });
  }

  settledThrough(room: RoomId): Promise<number> {
    return this.#link.run('room_settled', async () => {
      const now = await this.#rooms.findOne(living(room), { projection: { settledThrough: 1 } });
      return now?.settledThrough ?? 0;
    });
  }

  roomsOf(user: UserId, after: RoomId | undefined, limit: number): Promise<readonly OwnRoom[]> {
    return this.#link.run('rooms_of', async () => {
      const member = idBytes(user);
      const rows = await this.#rooms
        .find({ 'members.user': member, ...(after === undefined ? {} : { _id: { $gt: idBytes(after) } }) })
        .sort({ _id: 1 })
        .limit(limit)
        .project<OwnRow>({ name: 1, direct: 1, members: { $elemMatch: { user: member } } })
        .toArray();
      return rows.flatMap(({ _id, name, members, ...rest }) =>
        members.map(({ role, joined }) => ({
          room: storedRoomId(_id),
          name: storedRoomName(name),
          role,
          joined,
          ...directOf(rest),
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
        .find({ _id: { $in: rooms.map(idBytes) }, version: { $gt: DELETED_VERSION } })
        .project<SummaryRow>(summaryFields)
        .toArray();
      return summariesOf(this.#rooms, rows);
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
      return summariesOf(this.#rooms, rows);
    });
  }

  async #record(filter: Filter<RoomDocument>): Promise<RoomRecord | undefined> {
    const found = await this.#rooms.findOne(filter);
    return found === null ? undefined : recordOf(found);
  }
}

const living = (room: RoomId): Filter<RoomDocument> => ({
  _id: idBytes(room),
  version: { $gt: DELETED_VERSION },
});

interface ConditionalUpdate {
  readonly filter: Filter<RoomDocument>;
  readonly steps: UpdateFilter<RoomDocument>;
  readonly options: UpdateOptions;
}

/** Touches only the members that change, so that an update in a room of 1,000 stays small on the wire and in the oplog. */
function conditionalUpdate(
  room: RoomId,
  { change, raisesFloor, settings, bans }: RosterUpdate,
  { livesOtherwise, memberCount }: { readonly livesOtherwise: boolean; readonly memberCount: number },
): ConditionalUpdate {
  const { version } = change;
  const base: Filter<RoomDocument> = { _id: idBytes(room), version: version - 1 };
  const set: Record<string, unknown> = {
    version,
    lastChange: changeDocument(change),
    memberCount,
    countedAt: version,
    ...(raisesFloor ? { floor: version } : {}),
    ...(settings === undefined ? {} : settingsDocument(settings)),
    ...(livesOtherwise ? { chore: { version, kind: 'retention', after: 0 } satisfies JobDocument } : {}),
  };
  const push: Record<string, unknown> = {};
  const pull: Record<string, unknown> = {};
  const arrayFilters: object[] = [];
  let filter = base;
  for (const [index, { before, after }] of effectsOf(change).entries()) {
    if (after === undefined) {
      if (before !== undefined) pull['members'] = { user: idBytes(before.user) };
      continue;
    }
    const user = idBytes(after.user);
    if (before === undefined) {
      push['members'] = memberDocument(after);
      filter = { ...base, 'members.user': { $ne: user } };
    } else {
      set[`members.$[changed${index}]`] = memberDocument(after);
      arrayFilters.push({ [`changed${index}.user`]: user });
    }
  }
  if (bans !== undefined && 'add' in bans) push['bans'] = idBytes(bans.add);
  if (bans !== undefined && 'remove' in bans) pull['bans'] = idBytes(bans.remove);
  const steps = {
    $set: set,
    ...(Object.keys(push).length > 0 ? { $push: push } : {}),
    ...(Object.keys(pull).length > 0 ? { $pull: pull } : {}),
    ...(settings !== undefined && settings.retentionHours === undefined
      ? { $unset: { retentionHours: 1 as const } }
      : {}),
  };
  return { filter, steps, options: arrayFilters.length > 0 ? { arrayFilters } : {} };
}

/** Nothing finds it any more but its job: it has no member, is not listed, and its name is none that anybody can have. */
function deletion(room: RoomId, version: number): UpdateFilter<RoomDocument> {
  return {
    $set: {
      version: DELETED_VERSION,
      folded: `#${room}`,
      hidden: true,
      password: { number: 0 },
      members: [],
      bans: [],
      chore: { version, kind: 'deleted', after: 0 },
    },
    $unset: { lastChange: 1, life: 1 },
  };
}
