import type { RosterChange } from '../../domain/roster.ts';
import type { RoomId } from '../../protocol/ids.ts';
import { endOf, keyOf, NOTHING, numberAt } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { changeRow, roomRow, type StoredRoom } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** For copies that a sender prepared just before a change, and readers that open them at the last moment. */
const MARGIN_DAYS = 7;
const dueOf = (at: number, retentionDays: number): number => at + (retentionDays + MARGIN_DAYS) * DAY_MS;
const VERSION_OFFSET = 16;
const DUE_KEY_OFFSET = 8;

/**
 * The changes of each room by version. One leads back to the rosters before it, under which copies were made until it
 * happened, so it is kept until the last of those has gone. They go from the oldest on: what is left has no hole.
 */
export function fileChange(
  view: WriteView,
  room: RoomId,
  change: RosterChange,
  { retentionDays, keptMax }: { readonly retentionDays: number; readonly keptMax: number },
): void {
  view.put('roster-changes', keyOf(room, change.version), changeRow.encode(change));
  const due = dueOf(change.at, retentionDays);
  view.put('roster-changes-due', keyOf(due, room, change.version), NOTHING);
  if (change.version > keptMax) removeChange(view, room, change.version - keptMax, retentionDays);
}

/** What says when a change is due is filed under the retention of its time: under another one, it finds nothing later. */
function removeChange(view: WriteView, room: RoomId, version: number, retentionDays: number): void {
  const key = keyOf(room, version);
  const row = view.get('roster-changes', key);
  if (row === undefined) return;
  view.remove('roster-changes', key);
  view.remove('roster-changes-due', keyOf(dueOf(changeRow.decode(row).at, retentionDays), room, version));
}

/** As RoomStore.changes(), for a room that exists. */
export function changesSince(
  reader: TableReader,
  id: RoomId,
  { version }: Pick<StoredRoom, 'version'>,
  { since, limit }: { readonly since: number; readonly limit: number },
): readonly RosterChange[] | undefined {
  const wanted = Math.min(limit, version - since);
  if (wanted <= 0) return [];
  const bounds = { start: keyOf(id, since + 1), end: keyOf(id, since + wanted + 1) };
  const changes = reader.range('roster-changes', bounds).map(({ value }) => changeRow.decode(value));
  return changes.length === wanted ? changes : undefined;
}

/**
 * Removes up to `limit` changes of a room that is deleted; answers how many. What says when they are due finds nothing
 * later.
 */
export function removeChanges(view: WriteView, reader: TableReader, id: RoomId, limit: number): number {
  if (limit <= 0) return 0;
  const bounds = { start: keyOf(id), end: endOf(keyOf(id)), limit };
  const keys = reader.keys('roster-changes', bounds);
  for (const key of keys) view.remove('roster-changes', key);
  return keys.length;
}

/**
 * Removes up to `limit` changes whose copies have gone. A change with older ones before it that are not due (the
 * retention was lowered in between) takes its turn when they have. Answers how many it looked at.
 */
export function trimChanges(view: WriteView, reader: TableReader, now: number, limit: number): number {
  const dueKeys = reader.keys('roster-changes-due', { start: keyOf(0), end: keyOf(now), limit });
  const retentions = new RetentionsRead(view);
  for (const dueKey of dueKeys) {
    const key = dueKey.subarray(DUE_KEY_OFFSET);
    view.remove('roster-changes-due', dueKey);
    const row = view.get('roster-changes', key);
    if (row === undefined) continue;
    const due = retentions.dueNow(key, row);
    if (due > now) view.put('roster-changes-due', Buffer.concat([keyOf(due), key]), NOTHING);
    else if (isOldest(view, key)) view.remove('roster-changes', key);
    else view.put('roster-changes-due', Buffer.concat([keyOf(now + DAY_MS), key]), NOTHING);
  }
  return dueKeys.length;
}

/** The retentions of rooms as they are now, each read once: a record with all its members is large. */
class RetentionsRead {
  readonly #view: WriteView;
  readonly #days = new Map<string, number | undefined>();

  constructor(view: WriteView) {
    this.#view = view;
  }

  /** The room's retention may be longer than when the change was made, and with it the life of its copies. */
  dueNow(key: Buffer, row: Uint8Array): number {
    const days = this.#retention(key.subarray(0, VERSION_OFFSET));
    return days === undefined ? 0 : dueOf(changeRow.decode(row).at, days);
  }

  #retention(roomKey: Buffer): number | undefined {
    const name = roomKey.toString('latin1');
    if (this.#days.has(name)) return this.#days.get(name);
    const room = this.#view.get('rooms', roomKey);
    const days = room === undefined ? undefined : roomRow.decode(room).retention;
    this.#days.set(name, days);
    return days;
  }
}

/** Since they go from the oldest on, a change is the oldest when the one before it is not there. */
function isOldest(view: WriteView, key: Buffer): boolean {
  const before = Math.max(0, numberAt(key, VERSION_OFFSET) - 1);
  return (
    view.get('roster-changes', Buffer.concat([key.subarray(0, VERSION_OFFSET), keyOf(before)])) === undefined
  );
}
