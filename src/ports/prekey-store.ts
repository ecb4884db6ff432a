import type { Fingerprint, UserId } from '../protocol/ids.ts';

export interface StoredPrekey {
  /** Weeks since the identity was created; the first is 1. */
  readonly week: number;
  /** As its account signed it. */
  readonly bytes: Uint8Array;
  /** Milliseconds since 1970: from when and until when, exclusively, it is for use. The store reclaims it after that. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * Signed prekeys of accounts, one for each week of their current identity. Writes are durable (majority) when they resolve;
 * reads see every write that resolved, on any node. All throw Unavailable, after which a write may or may not have happened.
 */
export interface PrekeyStore {
  /** Stores them in the place of those of the same weeks. Those of other keys of this user go. */
  put(user: UserId, fingerprint: Fingerprint, prekeys: readonly StoredPrekey[]): Promise<void>;
  /** For use at a time, milliseconds since 1970; users without one are left out. */
  current(users: readonly UserId[], nowMs: number): Promise<ReadonlyMap<UserId, Uint8Array>>;
  /** All of a user whose account is closed. */
  remove(user: UserId): Promise<void>;
}
