import type { Collection } from 'mongodb';
import type { FileStore, PutOutcome } from '../../ports/file-store.ts';
import { sameBytes } from '../../protocol/bytes.ts';
import { type FileId, ID_BYTES, idBytes } from '../../protocol/ids.ts';
import { insertNew } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied } from './stored-value.ts';

const NUMBER_BYTES = 4;
const LAST_NUMBER = 0xffff_ffff;
/** Chunks removed in one operation, within its deadline. */
const CHUNKS_REMOVED_MAX = 64;

/** The chunks of files. Which files there are is for MongoFileStore to say. */
export interface FileChunks extends Pick<FileStore, 'chunk' | 'held'> {
  /** Of an unfinished upload. `gone`: it was removed meanwhile. */
  put(file: FileId, number: number, bytes: Uint8Array): Promise<PutOutcome>;
  /** Some of a file's chunks. True: there may be more. */
  removeSome(file: FileId): Promise<boolean>;
}

/** `_id`: the file's id, then its number as u32, big endian. */
interface ChunkDocument {
  readonly _id: Uint8Array;
  readonly bytes: Uint8Array;
}

/** A document for each chunk. */
export class MongoFileChunks implements FileChunks {
  readonly #link: MongoLink;
  readonly #chunks: Collection<ChunkDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#chunks = link.db.collection('file_chunks');
  }

  put(file: FileId, number: number, bytes: Uint8Array): Promise<PutOutcome> {
    return this.#link.run('file_put', async () => {
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

  removeSome(file: FileId): Promise<boolean> {
    return this.#link.run('file_reclaim', async () => {
      const batch = await this.#chunks
        .find(chunksOf(file))
        .limit(CHUNKS_REMOVED_MAX)
        .project<Pick<ChunkDocument, '_id'>>({ _id: 1 })
        .toArray();
      if (batch.length > 0)
        await this.#chunks.deleteMany({ _id: { $in: batch.map(({ _id }) => copied(_id)) } });
      return batch.length === CHUNKS_REMOVED_MAX;
    });
  }

  async #chunkAt(file: FileId, number: number): Promise<Uint8Array | undefined> {
    const found = await this.#chunks.findOne({ _id: chunkKey(file, number) });
    return found === null ? undefined : copied(found.bytes);
  }
}

function chunkKey(file: FileId, number: number): Uint8Array {
  const key = new Uint8Array(ID_BYTES + NUMBER_BYTES);
  key.set(idBytes(file));
  new DataView(key.buffer).setUint32(ID_BYTES, number);
  return key;
}

function chunksOf(file: FileId): { _id: { $gte: Uint8Array; $lte: Uint8Array } } {
  return { _id: { $gte: chunkKey(file, 0), $lte: chunkKey(file, LAST_NUMBER) } };
}

function numberIn(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(ID_BYTES);
}
