import type { RoomId } from '../../../src/protocol/ids.ts';

/** Bytes of records that are kept for one account when nothing else is said; beyond it the oldest messages go. */
export const CACHE_BYTES_MAX_DEFAULT: number = 64 * 1024 * 1024;

/** The part of the limit that is left after the oldest have gone, so that they don't go one by one. */
export const CACHE_SHARE_KEPT = 15 / 16;

const DAY_MS = 86_400_000;

export interface CacheEntry {
  readonly room: RoomId;
  /** Position in the room. */
  readonly seq: number;
  /** When the server took the message, but no later than it came here: it ages from then on. Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly value: Uint8Array;
}

/** A record to be written; without a value, to be removed. */
export type CacheChange = Omit<CacheEntry, 'value'> & { readonly value: Uint8Array | undefined };

/** What of a room may be kept. */
export interface CacheTerms {
  /** A record goes when it is older than this; 0: nothing of the room is kept. */
  readonly days: number;
  /** Only positions above this one. */
  readonly after: number;
}

/**
 * Records of messages that were opened. It is a cache: a record may be gone at any time, and one that can't be read is
 * the same as none. A storage encrypts the values; room ids, positions and rough times may be readable.
 * - Only rooms with terms have records; `write` leaves out everything else, so that a late write brings no room back.
 * - What is over its terms is never given by `newest`, and removed soon: at the latest with a `write` an hour later.
 * - A resolved `terms`, `forget` and `clear` are seen by every process that shares the storage.
 */
export interface MessageCache {
  get(room: RoomId, seq: number): Promise<Uint8Array | undefined>;
  /** All of it in one step. `now`: milliseconds since 1970 UTC, as in all methods. */
  write(changes: readonly CacheChange[], now: number): Promise<void>;
  /** Takes a room in, or changes what may be kept of it; what is over the new terms is removed at once. */
  terms(room: RoomId, terms: CacheTerms, now: number): Promise<void>;
  /** Removes a room with all of its records. */
  forget(room: RoomId): Promise<void>;
  clear(): Promise<void>;
  /** Records of one room, or of all, the newest first. */
  newest(room: RoomId | undefined, now: number): AsyncIterable<CacheEntry>;
}

/** Records whose time is before this are over their terms. */
export function oldestKept({ days }: CacheTerms, now: number): number {
  return days === 0 ? Number.POSITIVE_INFINITY : now - days * DAY_MS;
}
