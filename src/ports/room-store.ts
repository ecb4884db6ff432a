import type { DirectPair, RoomRecord, RoomSettings, RosterChange } from '../domain/roster.ts';
import type { Role } from '../protocol/entities.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import type { FoldedName, RoomName } from '../protocol/names.ts';

/**
 * The latest changes that a room keeps, if they have a use that long; the oldest go first. Whoever knows no version as late reads the
 * whole roster. Clients read at most 256 pages of changes, and 64 intervals are as few as 32 changes: they can read all that is kept.
 */
export const CHANGES_KEPT_MAX = 8_000;

export interface RosterUpdate {
  /** `change.version` is the version it makes; the update holds only while the record is at `change.version - 1`. */
  readonly change: RosterChange;
  /** The floor rises to the new version too: from then on nothing prepared for an older version is accepted. */
  readonly raisesFloor: boolean;
  /** With kind `settings`: the new ones. Another retention leaves a job. */
  readonly settings?: RoomSettings;
  readonly bans?: { readonly add: UserId } | { readonly remove: UserId };
}

/**
 * What a change of a record left to do with the room's stored copies, which are many and change after it. It is filed in
 * the same step as the change, so that any node can finish what one that died began.
 */
export interface RoomJob {
  readonly room: RoomId;
  /** The version whose change it belongs to; with `deleted`, the last one. A later job of the room replaces it. */
  readonly version: number;
  /** `retention`: copies up to the head get the life that the record says now. `deleted`: all is purged. */
  readonly kind: 'retention' | 'deleted';
  /** Positions up to here are done. */
  readonly after: number;
}

export interface RoomSummary {
  readonly room: RoomId;
  readonly name: RoomName;
  readonly folded: FoldedName;
  readonly members: number;
  readonly hasPassword: boolean;
  readonly hidden: boolean;
  /** Absent: 1. */
  readonly suite?: number;
}

export interface OwnRoom {
  readonly room: RoomId;
  readonly name: RoomName;
  readonly role: Role;
  readonly joined: number;
  readonly direct?: DirectPair;
}

/**
 * Room records, each with its roster, version, floor and clock ceiling in one piece. Reads see every write that
 * resolved, on any node. Writes are durable (majority) when they resolve. All throw Unavailable.
 */
export interface RoomStore {
  /** Atomic on the folded name, among rooms that exist. */
  create(record: RoomRecord): Promise<'created' | 'name_taken'>;
  byName(name: FoldedName): Promise<RoomRecord | undefined>;
  byId(room: RoomId): Promise<RoomRecord | undefined>;
  /**
   * One conditional update of roster, version, floor and last change together. The change stays readable through
   * changes(), whatever dies when: the one before is filed before it is overwritten. `name_taken`: another room has the
   * new name, and nothing changed.
   */
  update(room: RoomId, update: RosterUpdate): Promise<'updated' | 'conflict' | 'name_taken'>;
  /**
   * The next changes with version > since, ascending, without a hole, at most `limit`: fewer only when they reach the
   * record's version. Undefined when the first of them is no longer kept, or there is no such room. The latest
   * CHANGES_KEPT_MAX are kept as long as copies made before them live.
   */
  changes(room: RoomId, since: number, limit: number): Promise<readonly RosterChange[] | undefined>;
  /** Deletes the record while it is at this version, and leaves a job. Its name is free then, and nothing finds it any more. */
  delete(room: RoomId, version: number): Promise<'deleted' | 'conflict'>;
  /** Rooms with a job, at most `limit`, ascending by id, with id > after. */
  jobs(after: RoomId | undefined, limit: number): Promise<readonly RoomJob[]>;
  /** The job is done up to its `after`. False, and nothing happens, when another has replaced it or it ended. */
  jobDone(job: RoomJob): Promise<boolean>;
  /** The whole job is done. Nothing happens when another has replaced it. */
  jobEnded(job: Omit<RoomJob, 'after'>): Promise<void>;
  /** Raises the ceiling from `from` to `to`; answers the ceiling that holds now, undefined when the room is gone. */
  raiseCeiling(room: RoomId, from: number, to: number): Promise<number | undefined>;
  /** Lowers the ceiling while it is `from`. For whoever knows that no position above `to` was given, and none will be. */
  lowerCeiling(room: RoomId, from: number, to: number): Promise<void>;
  /** Raises, never lowers. */
  raiseSettled(room: RoomId, through: number): Promise<void>;
  /** How far it was raised, without what else is in the record, which grows with the members. 0 where there is no such room. */
  settledThrough(room: RoomId): Promise<number>;
  /** Rooms of a user with id > after, ascending by id, at most `limit`. */
  roomsOf(user: UserId, after: RoomId | undefined, limit: number): Promise<readonly OwnRoom[]>;
  countRoomsOf(user: UserId): Promise<number>;
  /** In no order; unknown ones are left out. */
  summaries(rooms: readonly RoomId[]): Promise<readonly RoomSummary[]>;
  /** Rooms that are not hidden, whose folded name starts with `prefix` and is > after, ascending by folded name, at most `limit`. */
  listed(prefix: string, after: string | undefined, limit: number): Promise<readonly RoomSummary[]>;
}
