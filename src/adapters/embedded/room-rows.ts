import { applyChange, type RoomRecord, type RosterMember, updatedBans } from '../../domain/roster.ts';
import type { RoomJob, RosterUpdate } from '../../ports/room-store.ts';
import type { RoomId, UserId } from '../../protocol/ids.ts';
import { foldName } from '../../protocol/names.ts';
import { keyOf, textKey } from './store-keys.ts';
import {
  jobRow,
  marksRow,
  membershipRow,
  type RoomMarks,
  roomRow,
  type StoredRoom,
  StoredRowFault,
  summaryRow,
} from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

/** What both a reader and a write's view can do. */
export type RowSource = Pick<WriteView, 'get'>;

export function storedRoom(rows: RowSource, id: RoomId): StoredRoom | undefined {
  const row = rows.get('rooms', keyOf(id));
  return row === undefined ? undefined : roomRow.decode(row);
}

/** Undefined: there is no such room. */
export function storedMarks(rows: RowSource, id: RoomId): RoomMarks | undefined {
  const row = rows.get('room-marks', keyOf(id));
  return row === undefined ? undefined : marksRow.decode(row);
}

export function recordOf(rows: RowSource, id: RoomId): RoomRecord | undefined {
  const room = storedRoom(rows, id);
  if (room === undefined) return undefined;
  const marks = storedMarks(rows, id);
  if (marks === undefined) throw new StoredRowFault('a room has no marks');
  return { ...room, ...marks, room: id, folded: foldName(room.name) };
}

export function putMarks(view: WriteView, id: RoomId, marks: RoomMarks): void {
  view.put('room-marks', keyOf(id), marksRow.encode(marks));
}

/** The record, and what is kept of it elsewhere to be found and listed quickly, memberships aside. */
export function putRoom(view: WriteView, id: RoomId, room: StoredRoom): void {
  const { name, hidden, password, members, suite, direct } = room;
  const counts = { hasPassword: password.number > 0, members: members.length };
  const more = { ...(suite !== undefined && { suite }), ...(direct !== undefined && { direct }) };
  const summary = { name, hidden, ...counts, ...more };
  const nameKey = textKey(foldName(name));
  view.put('rooms', keyOf(id), roomRow.encode(room));
  view.put('room-summaries', keyOf(id), summaryRow.encode(summary));
  view.put('room-names', nameKey, keyOf(id));
  if (hidden) view.remove('listed-rooms', nameKey);
  else view.put('listed-rooms', nameKey, keyOf(id));
}

export function removeRoom(view: WriteView, id: RoomId, room: StoredRoom): void {
  removeName(view, room);
  for (const { user } of room.members) removeMembership(view, id, user);
  for (const table of ['rooms', 'room-summaries', 'room-marks'] as const) view.remove(table, keyOf(id));
}

export function removeName(view: WriteView, { name }: Pick<StoredRoom, 'name'>): void {
  const nameKey = textKey(foldName(name));
  view.remove('room-names', nameKey);
  view.remove('listed-rooms', nameKey);
}

export function putMembership(view: WriteView, id: RoomId, { user, role, joined }: RosterMember): void {
  view.put('memberships', keyOf(user, id), membershipRow.encode({ role, joined }));
}

export function putJob(view: WriteView, { room, ...job }: RoomJob): void {
  view.put('room-chores', keyOf(room), jobRow.encode(job));
}

/** Undefined when the room's job is another by now, or done. */
export function sameJob(
  view: WriteView,
  { room, version, kind }: Omit<RoomJob, 'after'>,
): RoomJob | undefined {
  const row = view.get('room-chores', keyOf(room));
  const stored = row === undefined ? undefined : jobRow.decode(row);
  return stored?.version === version && stored.kind === kind ? { room, ...stored } : undefined;
}

export function removeMembership(view: WriteView, id: RoomId, user: UserId): void {
  view.remove('memberships', keyOf(user, id));
}

export function updatedRoom(
  room: StoredRoom,
  { change, raisesFloor, settings, bans }: RosterUpdate,
): StoredRoom {
  // Left out of new settings, the hours are no more.
  const { retentionHours: _hours, ...others } = room;
  return {
    ...(settings === undefined ? room : { ...others, ...settings }),
    version: change.version,
    floor: raisesFloor ? change.version : room.floor,
    members: applyChange(room.members, change),
    bans: bans === undefined ? room.bans : updatedBans(room.bans, bans),
  };
}
