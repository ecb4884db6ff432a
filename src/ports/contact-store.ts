import type { RoomId, UserId, UserPair } from '../protocol/ids.ts';

/** An invitation that waits for somebody's answer. */
export interface StoredInvitation {
  readonly room: RoomId;
  readonly from: UserId;
  readonly kind: 'room' | 'direct';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since 1970; absent: it waits as long as its room exists. */
  readonly expiresAt?: number;
  readonly letter?: Uint8Array;
}

/**
 * Who invited whom, who has blocked whom, and how many direct rooms of a pair have ended. Every method is atomic over all nodes, and
 * durable (majority) when it resolves; reads see every write that resolved. All throw Unavailable, after which it may or may not have
 * happened. Times are milliseconds since 1970.
 */
export interface ContactStore {
  /** `waiting`, and nothing changes: one to this room waits already. `full`: as many as INVITATIONS_WAITING_MAX wait. */
  invite(to: UserId, invitation: StoredInvitation, nowMs: number): Promise<'invited' | 'waiting' | 'full'>;
  /** Those that wait, oldest first. */
  invitations(to: UserId, nowMs: number): Promise<readonly StoredInvitation[]>;
  /** True when there was one. */
  dismiss(to: UserId, room: RoomId): Promise<boolean>;
  /** And removes the invitations by `other` that wait. `full`: as many as BLOCKS_MAX are blocked. */
  block(user: UserId, other: UserId): Promise<'blocked' | 'full'>;
  unblock(user: UserId, other: UserId): Promise<void>;
  isBlocked(user: UserId, other: UserId): Promise<boolean>;
  /** Ascending by id. */
  blocked(user: UserId): Promise<readonly UserId[]>;
  /** The highest generation of the pair's direct rooms that has ended; 0: none. */
  endedGeneration(pair: UserPair): Promise<number>;
  /** Raises, never lowers. */
  endGeneration(pair: UserPair, generation: number): Promise<void>;
  /** Removes the invitations to this room. */
  purge(room: RoomId): Promise<void>;
  /** Removes everything of a user, the invitations that the user sent included. What others blocked stays. */
  remove(user: UserId): Promise<void>;
}
