import type { UserId } from '../protocol/ids.ts';

/** What is in force of one user's backup. */
export interface BackupHead {
  readonly version: number;
  /** Of the identity that made it. */
  readonly sequence: number;
  /** H(fetch token), 32 bytes. */
  readonly token: Uint8Array;
  /** 16 random bytes: names its parts. */
  readonly upload: Uint8Array;
  readonly parts: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** One part of a backup that may come into force. */
export interface BackupPart {
  readonly upload: Uint8Array;
  readonly number: number;
  readonly data: Uint8Array;
}

/**
 * One sealed backup for each user, in parts. Writes are durable (majority) when they resolve; reads see every write that resolved,
 * on any node. All throw Unavailable, after which a write may or may not have happened.
 */
export interface BackupStore {
  head(user: UserId): Promise<BackupHead | undefined>;
  part(user: UserId, upload: Uint8Array, number: number): Promise<Uint8Array | undefined>;
  /** The store reclaims it after `expiresAt`, milliseconds since 1970, unless it came into force. Storing one twice is storing it once. */
  putPart(user: UserId, part: BackupPart, expiresAt: number): Promise<void>;
  /**
   * Puts an upload in the place of the backup of version `before`, 0 for none, and removes the parts of that one. `conflict`, and nothing
   * changes: another version is in force, or parts are missing. An upload that is in force already is `stored`.
   */
  commit(user: UserId, head: BackupHead, before: number): Promise<'stored' | 'conflict'>;
  /** Everything of a user. */
  remove(user: UserId): Promise<void>;
}
