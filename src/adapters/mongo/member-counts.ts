import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { effectsOf, type RosterChange } from '../../domain/roster.ts';
import type { RoomSummary } from '../../ports/room-store.ts';
import { foldName } from '../../protocol/names.ts';
import type { RoomDocument } from './room-document.ts';
import { storedRoomId, storedRoomName } from './stored-value.ts';

type CountFields = Pick<RoomDocument, 'version' | 'memberCount' | 'countedAt'>;
export type SummaryRow = Pick<RoomDocument, '_id' | 'name' | 'hidden' | 'password' | 'suite'> & CountFields;

/** Rooms whose members are counted in one operation, within its deadline. */
const COUNT_BATCH = 100;

const countFields = { version: 1, memberCount: 1, countedAt: 1 } as const;

/** What of a room's document a summary is made of: no member is read for it. */
export const summaryFields = { name: 1, hidden: 1, suite: 1, 'password.number': 1, ...countFields } as const;

/** For a change of this room: what its count is made of, and was before. */
export const beforeChangeFields = { lastChange: 1, retention: 1, retentionHours: 1, ...countFields } as const;

/** Summaries of rows in their order. Rooms that an earlier gateway changed last are counted now, and that is kept. */
export async function summariesOf(
  rooms: Collection<RoomDocument>,
  rows: readonly SummaryRow[],
): Promise<readonly RoomSummary[]> {
  const uncounted = rows.filter((row) => countIn(row) === undefined);
  const counted = uncounted.length === 0 ? new Map<string, number>() : await count(rooms, uncounted);
  return rows.flatMap((row) => {
    const room = storedRoomId(row._id);
    const members = countIn(row) ?? counted.get(room);
    // Deleted meanwhile.
    if (members === undefined) return [];
    const name = storedRoomName(row.name);
    const { hidden, password, suite } = row;
    const hasPassword = password.number > 0;
    const told = { room, name, folded: foldName(name), members, hasPassword, hidden };
    return [suite === undefined ? told : { ...told, suite }];
  });
}

/** Counts the members of uncounted rooms in one batch behind `after`, by id. Answers the last id of the batch; undefined: none are left. */
export async function countMembersAfter(
  rooms: Collection<RoomDocument>,
  after: Uint8Array | undefined,
): Promise<Uint8Array | undefined> {
  const rows = await rooms
    .find(after === undefined ? {} : { _id: { $gt: after } })
    .sort({ _id: 1 })
    .limit(COUNT_BATCH)
    .project<Pick<RoomDocument, '_id'> & CountFields>(countFields)
    .toArray();
  const uncounted = rows.filter((row) => countIn(row) === undefined);
  if (uncounted.length > 0) await count(rooms, uncounted);
  return rows.at(-1)?._id;
}

/** The number of members after a change of the version that `before` is of; undefined when the room has another by now. */
export async function countAfter(
  rooms: Collection<RoomDocument>,
  before: Pick<RoomDocument, '_id'> & CountFields,
  change: RosterChange,
): Promise<number | undefined> {
  const members = countIn(before) ?? (await counts(rooms, [before])).find(isAt(before.version))?.members;
  if (members === undefined) return undefined;
  return effectsOf(change).reduce(
    (sum, { before: gone, after: come }) => sum + (come === undefined ? 0 : 1) - (gone === undefined ? 0 : 1),
    members,
  );
}

const isAt =
  (version: number) =>
  (row: Pick<RoomDocument, 'version'>): boolean =>
    row.version === version;

function countIn({ version, memberCount, countedAt }: CountFields): number | undefined {
  return countedAt === version ? memberCount : undefined;
}

async function count(
  rooms: Collection<RoomDocument>,
  rows: readonly Pick<RoomDocument, '_id'>[],
): Promise<ReadonlyMap<string, number>> {
  const found = await counts(rooms, rows);
  const steps = found.map(
    ({ _id, version, members }): AnyBulkWriteOperation<RoomDocument> => ({
      updateOne: { filter: { _id, version }, update: { $set: { memberCount: members, countedAt: version } } },
    }),
  );
  if (steps.length > 0) await rooms.bulkWrite(steps, { ordered: false });
  return new Map(found.map(({ _id, members }) => [storedRoomId(_id), members]));
}

function counts(
  rooms: Collection<RoomDocument>,
  rows: readonly Pick<RoomDocument, '_id'>[],
): Promise<(Pick<RoomDocument, '_id' | 'version'> & { readonly members: number })[]> {
  return rooms
    .find({ _id: { $in: rows.map(({ _id }) => _id) } })
    .project<Pick<RoomDocument, '_id' | 'version'> & { readonly members: number }>({
      version: 1,
      members: { $size: '$members' },
    })
    .toArray();
}
