import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { nothingIfMissing } from '../../lib/missing-file.ts';
import type { FileStore, NewUpload, PutOutcome, StoredFile } from '../../ports/file-store.ts';
import { type CopyLife, expiryAt } from '../../ports/message-store.ts';
import { sameBytes } from '../../protocol/bytes.ts';
import { roomId, userId } from '../../protocol/entities.ts';
import { chunkCountOf } from '../../protocol/file-transfers.ts';
import { type FileId, ID_BYTES, parseFileId, type RoomId, type UserId } from '../../protocol/ids.ts';
import { bool, map, optional, type Parsed, uint } from '../../protocol/shape.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { endOf, keyOf, NOTHING, NUMBER_BYTES } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { rowKind, StoredRowFault } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

export const FILES_FOLDER = 'files';

/** Of one file, below FILES_FOLDER. */
export function chunkFolder(file: string): string {
  return join(file.slice(0, 2), file);
}

/** Files removed in one reclaim(). */
const RECLAIMED_MAX = 16;
/** Rows changed in one commit. */
const STEP_MAX = 200;

const stored = map({
  room: roomId,
  uploader: userId,
  bytes: uint(),
  at: uint(),
  expiresAt: uint(),
  isWhole: bool,
  isDiscarded: optional(bool),
});
type StoredRow = Parsed<typeof stored>;
/** Also what says which chunks belong to a backup. */
export const fileRow = rowKind(stored);

/** What of the data directory's store decides about time. */
export interface ExpiryClock {
  /** Whatever was over before may be deleted now; undefined: nothing may. */
  due(): number | undefined;
}

/**
 * A row for each file in the data directory's LMDB, and its chunks as files below `files/`: `files/AB/FILE/NUMBER`, AB being the
 * first two digits of FILE. A chunk is written beside its place, synced and renamed. The row stays until all chunks are removed, so
 * that whatever a crash leaves behind is found again.
 */
export class FsFileStore implements FileStore {
  readonly #link: LmdbLink;
  readonly #folder: string;
  readonly #clock: ExpiryClock;
  /** Who stores a chunk, finishes or removes: one at a time for each file. */
  readonly #turns = new KeyedMutex<FileId>();

  constructor(link: LmdbLink, dataDir: string, clock: ExpiryClock) {
    this.#link = link;
    this.#folder = join(dataDir, FILES_FOLDER);
    this.#clock = clock;
  }

  async begin({ file, ...upload }: NewUpload, openMax: number): Promise<boolean> {
    return this.#link.writeAlone('file_begin', (view, reader) => {
      const own = keyOf(upload.uploader);
      if (reader.count('open-uploads', { start: own, end: endOf(own) }) >= openMax) return false;
      putRow(view, file, { ...upload, isWhole: false });
      view.put('room-files', keyOf(upload.room, file), NOTHING);
      view.put('user-files', keyOf(upload.uploader, file), NOTHING);
      return true;
    });
  }

  async find(file: FileId): Promise<StoredFile | undefined> {
    return this.#link.read('file_find', (reader) => {
      const row = liveRow(reader, file);
      if (row === undefined) return undefined;
      const { isDiscarded: _not, ...found } = row;
      return { file, ...found };
    });
  }

  put(file: FileId, number: number, bytes: Uint8Array): Promise<PutOutcome> {
    return this.#turns.run(file, async () => {
      const row = await this.find(file);
      if (row === undefined || row.isWhole) return 'gone';
      return this.#link.beside('file_put', bytes.length, async () => {
        const path = this.#path(file, number);
        const before = await readIfThere(path);
        if (before !== undefined) return sameBytes(before, bytes) ? 'repeated' : 'conflict';
        await writeSynced(path, bytes);
        return 'stored';
      });
    });
  }

  chunk(file: FileId, number: number): Promise<Uint8Array | undefined> {
    return this.#link.beside('file_chunk', 0, () => readIfThere(this.#path(file, number)));
  }

  held(file: FileId): Promise<readonly number[]> {
    return this.#link.beside('file_held', 0, () => this.#numbersOf(file));
  }

  finish(file: FileId, at: number, expiresAt: number): Promise<'finished' | 'incomplete' | 'gone'> {
    return this.#turns.run(file, async () => {
      const row = await this.find(file);
      if (row === undefined) return 'gone';
      if (row.isWhole) return 'finished';
      if ((await this.held(file)).length < chunkCountOf(row.bytes)) return 'incomplete';
      return this.#link.write('file_finish', (view) => {
        const now = liveRow(view, file);
        if (now === undefined) return 'gone';
        replaceRow(view, file, now, { ...now, at, expiresAt, isWhole: true });
        return 'finished';
      });
    });
  }

  async discard(file: FileId): Promise<void> {
    await this.#link.write('file_discard', (view) => {
      const row = liveRow(view, file);
      if (row !== undefined) discardRow(view, file, row);
    });
  }

  discardOf(user: UserId): Promise<void> {
    return this.#changeAll('file_discard', ['user-files', user], discardRow);
  }

  purge(room: RoomId): Promise<void> {
    return this.#changeAll('file_discard', ['room-files', room], discardRow);
  }

  reexpire(room: RoomId, life: CopyLife): Promise<void> {
    return this.#changeAll('file_reexpire', ['room-files', room], (view, file, row) => {
      if (row.isWhole) replaceRow(view, file, row, { ...row, expiresAt: expiryAt(row.at, life) });
    });
  }

  async reclaim(nowMs: number): Promise<boolean> {
    // What was discarded is due whatever the clock says.
    const overAt = Math.min(nowMs, this.#clock.due() ?? 0);
    const end = keyOf(overAt + 1);
    const due = await this.#link.read('file_reclaim', (reader) =>
      reader.keys('file-expiry', { start: keyOf(0), end, limit: RECLAIMED_MAX }),
    );
    for (const key of due) {
      const file = parseFileId(new Uint8Array(key.subarray(NUMBER_BYTES)));
      if (file !== undefined) await this.#turns.run(file, () => this.#remove(file, overAt));
    }
    return due.length === RECLAIMED_MAX;
  }

  /** First nobody finds it, then its chunks go, then its row. */
  async #remove(file: FileId, overAt: number): Promise<void> {
    const isDue = await this.#link.write('file_discard', (view) => {
      const row = liveRow(view, file);
      // One that got another life since it was read stays.
      if (row !== undefined && row.expiresAt > overAt) return false;
      if (row !== undefined) discardRow(view, file, row);
      return true;
    });
    if (!isDue) return;
    await this.#link.beside('file_remove', 0, () =>
      rm(this.#folderOf(file), { recursive: true, force: true }),
    );
    await this.#link.write('file_reclaim', (view) => {
      const value = view.get('files', keyOf(file));
      if (value === undefined) return;
      const { room, uploader, expiresAt } = fileRow.decode(value);
      view.remove('files', keyOf(file));
      view.remove('file-expiry', keyOf(expiresAt, file));
      view.remove('room-files', keyOf(room, file));
      view.remove('user-files', keyOf(uploader, file));
    });
  }

  /** For each of a room or user that is not discarded. */
  async #changeAll(
    operation: string,
    of: readonly ['room-files' | 'user-files', RoomId | UserId],
    change: (view: WriteView, file: FileId, row: StoredRow) => void,
  ): Promise<void> {
    const files = await this.#link.read(operation, (reader) => filesOf(reader, ...of));
    for (let i = 0; i < files.length; i += STEP_MAX)
      await this.#link.write(operation, (view) => {
        for (const file of files.slice(i, i + STEP_MAX)) {
          const row = liveRow(view, file);
          if (row !== undefined) change(view, file, row);
        }
      });
  }

  async #numbersOf(file: FileId): Promise<readonly number[]> {
    const names = await readdir(this.#folderOf(file)).catch(nothingIfMissing);
    return (names ?? [])
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((one, other) => one - other);
  }

  #folderOf(file: FileId): string {
    return join(this.#folder, chunkFolder(file));
  }

  #path(file: FileId, number: number): string {
    return join(this.#folderOf(file), String(number));
  }
}

function putRow(view: WriteView, file: FileId, row: StoredRow): void {
  view.put('files', keyOf(file), fileRow.encode(row));
  view.put('file-expiry', keyOf(row.expiresAt, file), NOTHING);
  if (isOpen(row)) view.put('open-uploads', keyOf(row.uploader, file), NOTHING);
}

function replaceRow(view: WriteView, file: FileId, before: StoredRow, after: StoredRow): void {
  view.remove('file-expiry', keyOf(before.expiresAt, file));
  if (isOpen(before)) view.remove('open-uploads', keyOf(before.uploader, file));
  putRow(view, file, after);
}

function discardRow(view: WriteView, file: FileId, row: StoredRow): void {
  replaceRow(view, file, row, { ...row, isDiscarded: true, expiresAt: 0 });
}

function isOpen({ isWhole, isDiscarded }: StoredRow): boolean {
  return !isWhole && isDiscarded !== true;
}

function liveRow(from: Pick<WriteView, 'get'>, file: FileId): StoredRow | undefined {
  const value = from.get('files', keyOf(file));
  const row = value === undefined ? undefined : fileRow.decode(value);
  return row?.isDiscarded === true ? undefined : row;
}

function filesOf(
  reader: TableReader,
  table: 'room-files' | 'user-files',
  owner: RoomId | UserId,
): readonly FileId[] {
  return reader.keys(table, { start: keyOf(owner), end: endOf(keyOf(owner)) }).map((key) => {
    const file = parseFileId(new Uint8Array(key.subarray(ID_BYTES)));
    if (file === undefined) throw new StoredRowFault('a key of a file is cut');
    return file;
  });
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(path).catch(nothingIfMissing);
  return bytes === undefined ? undefined : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** On the disk under its name when it resolves, or not there at all. */
async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = `${path}.part`;
  const handle = await open(beside, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, path);
  await syncFolder(folder);
  // Of folders that are new, the names stand in those above them.
  for (let above = folder; made !== undefined && above.length >= made.length; ) {
    above = dirname(above);
    await syncFolder(above);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
