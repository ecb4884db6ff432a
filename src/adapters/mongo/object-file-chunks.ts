import { createHash, randomBytes } from 'node:crypto';
import type { Collection } from 'mongodb';
import { LogPace } from '../../domain/log-pace.ts';
import type { PutOutcome } from '../../ports/file-store.ts';
import { OBJECTS_LISTED_MAX, type ObjectStore } from '../../ports/object-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { sameBytes } from '../../protocol/bytes.ts';
import { chunkCountOf, STORED_CHUNK_BYTES } from '../../protocol/file-transfers.ts';
import { type FileId, ID_BYTES, idBytes, parseFileId } from '../../protocol/ids.ts';
import { FILE_BYTES_MAX } from '../../protocol/limits.ts';
import type { ChunkContent, ChunkDocuments, FileChunks } from './file-chunks.ts';
import type { MongoLink } from './mongo-link.ts';
import { storedFileId } from './stored-value.ts';

/** How often a node looks through one listing of folders for objects that no file owns. */
export const ORPHANS_EVERY_MS = 5 * 60_000;
/** Files whose objects are removed in one look. */
export const ORPHANS_REMOVED_MAX = 16;
/**
 * Younger objects are left alone, whatever the database says: a primary that was deposed and does not know it has not heard of their
 * files yet.
 */
export const ORPHAN_AGE_MS = 24 * 60 * 60_000;
/** Of the objects of one file. */
const LISTINGS_MAX = 1 + Math.ceil(chunkCountOf(FILE_BYTES_MAX) / OBJECTS_LISTED_MAX);
/** Of an object that comes back altered. */
const READS_MAX = 2;

export interface ObjectChunkParts {
  readonly link: MongoLink;
  readonly documents: ChunkDocuments;
  readonly objects: ObjectStore;
  readonly telemetry: Telemetry;
}

/**
 * Chunks as objects `FILE/NUMBER`, with a document for each in MongoDB. The document comes first and goes last, so that whatever a
 * crash leaves in the bucket is found by its file. It holds the hash of the chunk: that settles which of two chunks with one number
 * stays, whatever the bucket can do, and tells an object that was altered. Chunks that are in MongoDB itself stay there.
 */
export class ObjectFileChunks implements FileChunks {
  readonly #documents: ChunkDocuments;
  readonly #objects: ObjectStore;
  readonly #telemetry: Telemetry;
  readonly #link: MongoLink;
  readonly #files: Collection<{ readonly _id: Uint8Array }>;
  readonly #pace = new LogPace<'missing' | 'altered'>();
  /** Nodes begin at different places. */
  #lookedThrough = randomBytes(ID_BYTES).toString('hex');
  #nextLookMs = 0;

  constructor({ link, documents, objects, telemetry }: ObjectChunkParts) {
    this.#link = link;
    this.#documents = documents;
    this.#objects = objects;
    this.#telemetry = telemetry;
    this.#files = link.db.collection('files');
  }

  async put(file: FileId, number: number, bytes: Uint8Array): Promise<PutOutcome> {
    const hash = hashOf(bytes);
    const there = await this.#documents.insert(file, number, { hash, isPending: true });
    if (there === undefined) return 'gone';
    if (there !== 'inserted') {
      const isSame = there.bytes === undefined ? hasHash(there, hash) : sameBytes(there.bytes, bytes);
      if (!isSame) return 'conflict';
      if (there.isPending === undefined) return 'repeated';
      // Whoever stored it first may have died before the object was there.
    }
    await this.#objects.put(objectName(file, number), bytes);
    if (await this.#documents.settle(file, number)) return 'stored';
    await this.#objects.remove([objectName(file, number)]);
    return 'gone';
  }

  async chunk(file: FileId, number: number): Promise<Uint8Array | undefined> {
    const content = await this.#documents.content(file, number);
    if (content === undefined || content.isPending === true) return undefined;
    if (content.bytes !== undefined) return content.bytes;
    let fault: 'missing' | 'altered' = 'altered';
    for (let reads = 0; reads < READS_MAX; reads += 1) {
      const bytes = await this.#objects.get(objectName(file, number), STORED_CHUNK_BYTES);
      if (bytes !== undefined && hasHash(content, hashOf(bytes))) return bytes;
      fault = bytes === undefined ? 'missing' : 'altered';
    }
    this.#telemetry.backendError('bucket', fault);
    if (this.#pace.take(fault, performance.now()))
      this.#telemetry.warn('chunk_lost', undefined, { reason: fault });
    return undefined;
  }

  held(file: FileId): Promise<readonly number[]> {
    return this.#documents.held(file);
  }

  /** By what the bucket lists: an object may have come after its document went. */
  async remove(file: FileId): Promise<void> {
    // A bucket that lists what it removed must not hold up the removal of other files.
    for (let listings = 0; listings < LISTINGS_MAX; listings += 1) {
      const objects = await this.#objects.objects(file);
      await this.#objects.remove(objects.map(({ name }) => name));
      if (objects.length < OBJECTS_LISTED_MAX) break;
    }
    await this.#documents.remove(file);
  }

  async removeOrphans(nowMs: number): Promise<void> {
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + ORPHANS_EVERY_MS;
    const folders = await this.#objects.folders(this.#lookedThrough);
    const unknown = await this.#unknown(folders);
    const looked = unknown.slice(0, ORPHANS_REMOVED_MAX);
    const isEnd = looked.length === unknown.length && folders.length < OBJECTS_LISTED_MAX;
    const through = looked.length < unknown.length ? looked.at(-1) : folders.at(-1);
    this.#lookedThrough = isEnd || through === undefined ? '' : through;
    for (const file of looked) {
      const objects = await this.#objects.objects(file);
      const old = objects.filter(({ at }) => at < nowMs - ORPHAN_AGE_MS);
      await this.#objects.remove(old.map(({ name }) => name));
    }
  }

  /** The folders of files without a document. What has no file's name is somebody else's. */
  async #unknown(folders: readonly string[]): Promise<readonly FileId[]> {
    const named = folders.flatMap((folder) => {
      const file = parseFileId(new Uint8Array(Buffer.from(folder, 'hex')));
      return file === folder ? [file] : [];
    });
    const known = await this.#link.run('file_orphans', () =>
      this.#files
        .find({ _id: { $in: named.map((file) => idBytes(file)) } })
        .project<{ readonly _id: Uint8Array }>({ _id: 1 })
        .toArray(),
    );
    const owned = new Set(known.map(({ _id }) => storedFileId(_id)));
    return named.filter((file) => !owned.has(file));
  }
}

function objectName(file: FileId, number: number): string {
  return `${file}/${number}`;
}

function hashOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function hasHash({ hash }: ChunkContent, wanted: Uint8Array): boolean {
  return hash !== undefined && sameBytes(hash, wanted);
}
