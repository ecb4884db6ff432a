import type { Collection, Filter } from 'mongodb';
import type { FileStore, NewUpload, PutOutcome, StoredFile } from '../../ports/file-store.ts';
import { type CopyLife, expiryAt } from '../../ports/message-store.ts';
import { sameBytes } from '../../protocol/bytes.ts';
import { chunkCountOf } from '../../protocol/file-transfers.ts';
import { type FileId, ID_BYTES, idBytes, type RoomId, type UserId } from '../../protocol/ids.ts';
import { insertNew } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied, storedRoomId, storedUserId } from './stored-value.ts';

const NUMBER_BYTES = 4;
const LAST_NUMBER = 0xffff_ffff;
/** Files removed in one reclaim(), and chunks in one operation, within its deadline. */
const RECLAIMED_MAX = 16;
const CHUNKS_REMOVED_MAX = 64;
/** Longer than any operation lives: a chunk that was being stored while its file was discarded is there by then. */
const SECOND_LOOK_MS = 2 * 60_000;

/**
 * - `open`: an upload. `whole`: a finished file.
 * - `discarded`: nobody finds it; chunks may be left. It says no longer whose and which room's it was.
 * - `emptied`: its chunks were removed. They are looked for once more at `expiresAt`, then the document goes.
 */
type State = 'open' | 'whole' | 'discarded' | 'emptied';

interface FileDocument {
  readonly _id: Uint8Array;
  readonly state: State;
  readonly room?: Uint8Array;
  readonly uploader?: Uint8Array;
  readonly bytes: number;
  readonly at: Date;
  readonly expiresAt: Date;
}

/** `_id`: the file's id, then its number as u32, big endian. */
interface ChunkDocument {
  readonly _id: Uint8Array;
  readonly bytes: Uint8Array;
}

const LIVING: readonly State[] = ['open', 'whole'];
const DISCARD = {
  $set: { state: 'discarded' as const, expiresAt: new Date(0) },
  $unset: { room: '', uploader: '' },
} as const;

export class MongoFileStore implements FileStore {
  readonly #link: MongoLink;
  readonly #files: Collection<FileDocument>;
  readonly #chunks: Collection<ChunkDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#files = link.db.collection('files');
    this.#chunks = link.db.collection('file_chunks');
  }

  begin({ file, room, uploader, bytes, at, expiresAt }: NewUpload, openMax: number): Promise<boolean> {
    return this.#link.run('file_begin', async () => {
      const own = { uploader: idBytes(uploader), state: 'open' as const };
      if ((await this.#files.countDocuments(own, { limit: openMax })) >= openMax) return false;
      const times = { at: new Date(at), expiresAt: new Date(expiresAt) };
      await this.#files.insertOne({ _id: idBytes(file), room: idBytes(room), ...own, bytes, ...times });
      return true;
    });
  }

  find(file: FileId): Promise<StoredFile | undefined> {
    return this.#link.run('file_find', () => this.#found(file));
  }

  put(file: FileId, number: number, bytes: Uint8Array): Promise<PutOutcome> {
    return this.#link.run('file_put', async () => {
      const upload = await this.#found(file);
      if (upload === undefined || upload.isWhole) return 'gone';
      if (await insertNew(this.#chunks, { _id: chunkKey(file, number), bytes })) return 'stored';
      const there = await this.#chunkAt(file, number);
      // Removed in between.
      if (there === undefined) return 'gone';
      return sameBytes(there, bytes) ? 'repeated' : 'conflict';
    });
  }

  chunk(file: FileId, number: number): Promise<Uint8Array | undefined> {
    return this.#link.run('file_chunk', () => this.#chunkAt(file, number));
  }

  held(file: FileId): Promise<readonly number[]> {
    return this.#link.run('file_held', async () => {
      const found = await this.#chunks
        .find(chunksOf(file))
        .sort({ _id: 1 })
        .project<Pick<ChunkDocument, '_id'>>({ _id: 1 })
        .toArray();
      return found.map(({ _id }) => numberIn(_id));
    });
  }

  finish(file: FileId, at: number, expiresAt: number): Promise<'finished' | 'incomplete' | 'gone'> {
    return this.#link.run('file_finish', async () => {
      const upload = await this.#found(file);
      if (upload === undefined) return 'gone';
      if (upload.isWhole) return 'finished';
      const count = await this.#chunks.countDocuments(chunksOf(file));
      if (count < chunkCountOf(upload.bytes)) return 'incomplete';
      const { matchedCount } = await this.#files.updateOne(
        { _id: idBytes(file), state: { $in: LIVING } },
        { $set: { state: 'whole', at: new Date(at), expiresAt: new Date(expiresAt) } },
      );
      return matchedCount === 0 ? 'gone' : 'finished';
    });
  }

  async discard(file: FileId): Promise<void> {
    await this.#discardAll({ _id: idBytes(file) });
  }

  async discardOf(user: UserId): Promise<void> {
    await this.#discardAll({ uploader: idBytes(user) });
  }

  async purge(room: RoomId): Promise<void> {
    await this.#discardAll({ room: idBytes(room) });
  }

  async reexpire(room: RoomId, life: CopyLife): Promise<void> {
    await this.#link.run('file_reexpire', async () => {
      const files = await this.#files
        .find({ room: idBytes(room), state: 'whole' })
        .project<Pick<FileDocument, '_id' | 'at'>>({ _id: 1, at: 1 })
        .toArray();
      const steps = files.map(({ _id, at }) => ({
        updateOne: {
          filter: { _id, state: 'whole' as const },
          update: { $set: { expiresAt: new Date(expiryAt(at.getTime(), life)) } },
        },
      }));
      if (steps.length > 0) await this.#files.bulkWrite(steps, { ordered: false });
    });
  }

  async reclaim(nowMs: number): Promise<boolean> {
    const due = await this.#link.run('file_reclaim', () =>
      this.#files
        .find({ expiresAt: { $lte: new Date(nowMs) } })
        .sort({ expiresAt: 1 })
        .limit(RECLAIMED_MAX)
        .project<Pick<FileDocument, '_id' | 'state'>>({ _id: 1, state: 1 })
        .toArray(),
    );
    for (const { _id, state } of due) {
      const id = copied(_id);
      // One that got another life since it was read stays.
      if (LIVING.includes(state) && !(await this.#discardDue(id, nowMs))) continue;
      while (await this.#removeSomeChunks(id));
      await this.#link.run('file_reclaim', async () => {
        if (state === 'emptied') await this.#files.deleteOne({ _id: id, state });
        else
          await this.#files.updateOne(
            { _id: id, state: 'discarded' },
            { $set: { state: 'emptied', expiresAt: new Date(nowMs + SECOND_LOOK_MS) } },
          );
      });
    }
    return due.length === RECLAIMED_MAX;
  }

  async #discardDue(id: Uint8Array, nowMs: number): Promise<boolean> {
    return (await this.#discardAll({ _id: id, expiresAt: { $lte: new Date(nowMs) } })) > 0;
  }

  async #discardAll(which: Filter<FileDocument>): Promise<number> {
    const { matchedCount } = await this.#link.run('file_discard', () =>
      this.#files.updateMany({ ...which, state: { $in: LIVING } }, DISCARD),
    );
    return matchedCount;
  }

  /** False: none are left. */
  #removeSomeChunks(id: Uint8Array): Promise<boolean> {
    return this.#link.run('file_reclaim', async () => {
      const batch = await this.#chunks
        .find(chunksOf(id))
        .limit(CHUNKS_REMOVED_MAX)
        .project<Pick<ChunkDocument, '_id'>>({ _id: 1 })
        .toArray();
      if (batch.length > 0)
        await this.#chunks.deleteMany({ _id: { $in: batch.map(({ _id }) => copied(_id)) } });
      return batch.length === CHUNKS_REMOVED_MAX;
    });
  }

  async #found(file: FileId): Promise<StoredFile | undefined> {
    const found = await this.#files.findOne({ _id: idBytes(file), state: { $in: LIVING } });
    if (found === null) return undefined;
    const { room, uploader, bytes, at, expiresAt, state } = found;
    return {
      file,
      room: storedRoomId(room),
      uploader: storedUserId(uploader),
      bytes,
      at: at.getTime(),
      expiresAt: expiresAt.getTime(),
      isWhole: state === 'whole',
    };
  }

  async #chunkAt(file: FileId, number: number): Promise<Uint8Array | undefined> {
    const found = await this.#chunks.findOne({ _id: chunkKey(file, number) });
    return found === null ? undefined : copied(found.bytes);
  }
}

function chunkKey(file: FileId | Uint8Array, number: number): Uint8Array {
  const key = new Uint8Array(ID_BYTES + NUMBER_BYTES);
  key.set(typeof file === 'string' ? idBytes(file) : file);
  new DataView(key.buffer).setUint32(ID_BYTES, number);
  return key;
}

function chunksOf(file: FileId | Uint8Array): { _id: { $gte: Uint8Array; $lte: Uint8Array } } {
  return { _id: { $gte: chunkKey(file, 0), $lte: chunkKey(file, LAST_NUMBER) } };
}

function numberIn(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(ID_BYTES);
}
