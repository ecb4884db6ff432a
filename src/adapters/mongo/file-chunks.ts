import type { Collection } from 'mongodb';
import type { FileStore, PutOutcome } from '../../ports/file-store.ts';
import { Unavailable } from '../../ports/unavailable.ts';
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
  /** All of a file's. */
  remove(file: FileId): Promise<void>;
  /** Looks at some of what is kept elsewhere, and removes what belongs to no file. */
  removeOrphans(nowMs: number): Promise<void>;
}

/**
 * `_id`: the file's id, then its number as u32, big endian. With `bytes` it is the chunk itself; with `hash`, their SHA-256, it says
 * that the chunk is an object, and with `isPending` that it may not be there yet.
 */
interface ChunkDocument {
  readonly _id: Uint8Array;
  readonly bytes?: Uint8Array;
  readonly hash?: Uint8Array;
  readonly isPending?: true;
}

export type ChunkContent = Omit<ChunkDocument, '_id'>;

/** A document for each chunk, wherever its bytes are. */
export class ChunkDocuments {
  readonly #link: MongoLink;
  readonly #chunks: Collection<ChunkDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#chunks = link.db.collection('file_chunks');
  }

  /** `inserted`, or what is there instead; undefined: that was removed just now. */
  insert(
    file: FileId,
    number: number,
    content: ChunkContent,
  ): Promise<'inserted' | ChunkContent | undefined> {
    return this.#link.run('file_put', async () =>
      (await insertNew(this.#chunks, { _id: chunkKey(file, number), ...content }))
        ? 'inserted'
        : this.#contentOf(file, number),
    );
  }

  /** The object is there. False: the document was removed meanwhile. */
  settle(file: FileId, number: number): Promise<boolean> {
    return this.#link.run('file_put', async () => {
      const { matchedCount } = await this.#chunks.updateOne(
        { _id: chunkKey(file, number) },
        { $unset: { isPending: '' } },
      );
      return matchedCount > 0;
    });
  }

  content(file: FileId, number: number): Promise<ChunkContent | undefined> {
    return this.#link.run('file_chunk', () => this.#contentOf(file, number));
  }

  /** The numbers of those that are not pending, ascending. */
  held(file: FileId): Promise<readonly number[]> {
    return this.#link.run('file_held', async () => {
      const found = await this.#chunks
        .find({ ...chunksOf(file), isPending: { $exists: false } })
        .sort({ _id: 1 })
        .project<Pick<ChunkDocument, '_id'>>({ _id: 1 })
        .toArray();
      return found.map(({ _id }) => numberIn(_id));
    });
  }

  async remove(file: FileId): Promise<void> {
    while (await this.#removeSome(file));
  }

  /** False: none are left. */
  #removeSome(file: FileId): Promise<boolean> {
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

  async #contentOf(file: FileId, number: number): Promise<ChunkContent | undefined> {
    const found = await this.#chunks.findOne({ _id: chunkKey(file, number) });
    if (found === null) return undefined;
    const { bytes, hash, isPending } = found;
    return {
      ...(bytes !== undefined && { bytes: copied(bytes) }),
      ...(hash !== undefined && { hash: copied(hash) }),
      ...(isPending !== undefined && { isPending }),
    };
  }
}

/** Chunks in MongoDB itself. */
export class MongoFileChunks implements FileChunks {
  readonly #documents: ChunkDocuments;

  constructor(documents: ChunkDocuments) {
    this.#documents = documents;
  }

  async put(file: FileId, number: number, bytes: Uint8Array): Promise<PutOutcome> {
    const there = await this.#documents.insert(file, number, { bytes });
    if (there === 'inserted') return 'stored';
    if (there === undefined) return 'gone';
    return sameBytes(bytesIn(there), bytes) ? 'repeated' : 'conflict';
  }

  async chunk(file: FileId, number: number): Promise<Uint8Array | undefined> {
    const content = await this.#documents.content(file, number);
    return content && bytesIn(content);
  }

  held(file: FileId): Promise<readonly number[]> {
    return this.#documents.held(file);
  }

  remove(file: FileId): Promise<void> {
    return this.#documents.remove(file);
  }

  async removeOrphans(): Promise<void> {
    // Nothing is kept elsewhere.
  }
}

/** A gateway without the bucket can't tell what is in it: others can. */
function bytesIn({ bytes }: ChunkContent): Uint8Array {
  if (bytes === undefined) throw new Unavailable('objects', new Error('no bucket is configured'));
  return bytes;
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
