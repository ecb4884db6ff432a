import type { FileId, RoomId, UserId } from '../protocol/ids.ts';
import type { CopyLife } from './message-store.ts';

export interface NewUpload {
  readonly file: FileId;
  readonly room: RoomId;
  readonly uploader: UserId;
  /** Of all chunks together; each has the length that storedChunkBytes() says. */
  readonly bytes: number;
  /** Milliseconds since 1970, as all times here. */
  readonly at: number;
  /** What is not finished by then is over. */
  readonly expiresAt: number;
}

export interface StoredFile extends NewUpload {
  /** It was finished: its chunks are all there, and none is stored any more. */
  readonly isWhole: boolean;
}

/**
 * - `repeated`: the same bytes are there already.
 * - `conflict`: other bytes are there, and stay.
 * - `gone`: there is no such upload, or it is finished.
 */
export type PutOutcome = 'stored' | 'repeated' | 'conflict' | 'gone';

/**
 * Encrypted files in chunks. A chunk, once stored, never changes, and is all there or not at all. Writes are durable (majority)
 * when they resolve; reads see every write that resolved, on any node. All throw Unavailable, after which a write may or may not
 * have happened.
 *
 * What is discarded is found by nobody from then on, but its chunks may be read until reclaim() gets to them. What is over by time
 * is still found: callers look at `expiresAt`.
 */
export interface FileStore {
  /** False, and nothing happens: this user has `openMax` unfinished uploads. Nodes that ask at the same moment may exceed it. */
  begin(upload: NewUpload, openMax: number): Promise<boolean>;
  find(file: FileId): Promise<StoredFile | undefined>;
  /** `bytes` has the length of that chunk. Chunks come in any order. */
  put(file: FileId, number: number, bytes: Uint8Array): Promise<PutOutcome>;
  /** The bytes are the caller's. */
  chunk(file: FileId, number: number): Promise<Uint8Array | undefined>;
  /** The numbers of stored chunks, ascending. */
  held(file: FileId): Promise<readonly number[]>;
  /** From then on it is whole, since `at`, and lives until `expiresAt`. Finishing again changes nothing. */
  finish(file: FileId, at: number, expiresAt: number): Promise<'finished' | 'incomplete' | 'gone'>;
  discard(file: FileId): Promise<void>;
  /** All of a user, finished or not. */
  discardOf(user: UserId): Promise<void>;
  /** All of a room that was deleted. */
  purge(room: RoomId): Promise<void>;
  /** Gives the finished files of a room another life. */
  reexpire(room: RoomId, life: CopyLife): Promise<void>;
  /** Frees the space of files that were discarded, or are over at `nowMs`: at most a batch. True: there may be more. */
  reclaim(nowMs: number): Promise<boolean>;
}
