import type { Collection, Filter } from 'mongodb';
import type { FileStore, NewUpload, PutOutcome, StoredFile } from '../../ports/file-store.ts';
import { type CopyLife, expiryAt } from '../../ports/message-store.ts';
import { chunkCountOf } from '../../protocol/file-transfers.ts';
import { type FileId, idBytes, type RoomId, type UserId } from '../../protocol/ids.ts';
import type { FileChunks } from './file-chunks.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied, storedFileId, storedRoomId, storedUserId } from './stored-value.ts';

/** Files removed in one reclaim(). */
const RECLAIMED_MAX = 16;
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

const LIVING: readonly State[] = ['open', 'whole'];
const DISCARD = {
  $set: { state: 'discarded' as const, expiresAt: new Date(0) },
  $unset: { room: '', uploader: '' },
} as const;

export class MongoFileStore implements FileStore {
  readonly #link: MongoLink;
  readonly #files: Collection<FileDocument>;
  readonly #chunks: FileChunks;

  constructor(link: MongoLink, chunks: FileChunks) {
    this.#link = link;
    this.#files = link.db.collection('files');
    this.#chunks = chunks;
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
    return this.#link.run('file_find', async () => {
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
    });
  }

  async put(file: FileId, number: number, bytes: Uint8Array): Promise<PutOutcome> {
    const upload = await this.find(file);
    if (upload === undefined || upload.isWhole) return 'gone';
    return this.#chunks.put(file, number, bytes);
  }

  chunk(file: FileId, number: number): Promise<Uint8Array | undefined> {
    return this.#chunks.chunk(file, number);
  }

  held(file: FileId): Promise<readonly number[]> {
    return this.#chunks.held(file);
  }

  async finish(file: FileId, at: number, expiresAt: number): Promise<'finished' | 'incomplete' | 'gone'> {
    const upload = await this.find(file);
    if (upload === undefined) return 'gone';
    if (upload.isWhole) return 'finished';
    if ((await this.held(file)).length < chunkCountOf(upload.bytes)) return 'incomplete';
    return this.#link.run('file_finish', async () => {
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
      while (await this.#chunks.removeSome(storedFileId(id)));
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
}
