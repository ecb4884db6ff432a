import type { RoomId, UserId } from '../protocol/ids.ts';

/** What one member gets of an epoch. */
export interface EpochCopy {
  readonly wrap: Uint8Array;
  /** Among the members in ascending order of user id, from 0. */
  readonly index: number;
  /** What its leaf is joined with up to the root, 32 bytes each. */
  readonly path: Uint8Array;
}

/** An epoch without its wraps. */
export interface EpochRow {
  /** From 1. */
  readonly number: number;
  readonly rosterVersion: number;
  /** As its committer signed it. */
  readonly record: Uint8Array;
  readonly recordHash: Uint8Array;
  readonly committer: UserId;
  /** When it was stored, milliseconds since 1970. */
  readonly at: number;
  /** Members that it was made for. */
  readonly members: number;
}

export interface NewEpoch extends EpochRow {
  readonly room: RoomId;
  readonly copies: ReadonlyMap<UserId, EpochCopy>;
}

/** An epoch as one reader gets it; `own` is absent for whoever it was not made for. */
export interface OwnEpoch extends EpochRow {
  readonly own?: EpochCopy;
}

/** An epoch as several of its members get it. */
export interface IssuedEpoch {
  readonly epoch: EpochRow;
  readonly copies: ReadonlyMap<UserId, EpochCopy>;
}

export interface EpochPage {
  /** Numbers above it, ascending. */
  readonly after: number;
  /** Only epochs at or above this roster version: earlier ones are not the reader's. */
  readonly fromVersion: number;
  readonly limit: number;
}

/**
 * The epochs of rooms, each with a wrap for every member that it was made for. Unique on (room, number). An epoch and all of its
 * wraps are one write: nobody reads the one without the others. Writes are durable (majority) when they resolve; reads see every
 * write that resolved, on any node. All throw Unavailable, after which a write may or may not have happened.
 *
 * The two epochs with the highest numbers stay as long as their room: one is in use, the other may be while the newest is
 * spread. Others live until what retire() says.
 */
export interface EpochStore {
  /** False, and nothing is stored: there is an epoch of this number. */
  add(epoch: NewEpoch): Promise<boolean>;
  /** The one with the highest number. */
  newest(room: RoomId): Promise<EpochRow | undefined>;
  byNumber(room: RoomId, number: number): Promise<EpochRow | undefined>;
  page(room: RoomId, reader: UserId, page: EpochPage): Promise<readonly OwnEpoch[]>;
  /** One epoch with the copies of these users, in one reading; those without one are left out. */
  issued(room: RoomId, number: number, users: readonly UserId[]): Promise<IssuedEpoch | undefined>;
  /**
   * Gives each epoch below the two highest that has no end yet one: `at` + `lifeMs`. With `anew`, those that have one get it
   * counted again from when they got it, unless they are gone. After it nothing may be sealed under them.
   */
  retire(room: RoomId, at: number, lifeMs: number, anew?: 'anew'): Promise<void>;
  /** Removes all of a room that was deleted. */
  purge(room: RoomId): Promise<void>;
}
