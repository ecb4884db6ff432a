import type { UserId } from '../protocol/ids.ts';

/** The sealed state of one user, as a client stored it. */
export interface StoredUserState {
  readonly version: number;
  /** Of the identity whose key sealed it. */
  readonly sequence: number;
  readonly data: Uint8Array;
}

/**
 * One sealed record for each user. A write is durable (majority) when it resolves; reads see every write that resolved, on any node.
 * All throw Unavailable, after which a write may or may not have happened.
 */
export interface UserStateStore {
  get(user: UserId): Promise<StoredUserState | undefined>;
  /** Replaces the record of version `before`, 0 for none. `conflict`, and nothing changes: another version is stored. */
  put(user: UserId, state: StoredUserState, before: number): Promise<'stored' | 'conflict'>;
  remove(user: UserId): Promise<void>;
}
