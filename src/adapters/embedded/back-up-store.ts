import { existsSync, readdirSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { makeFolders } from '../../lib/make-folders.ts';
import { nothingIfMissing } from '../../lib/missing-file.ts';
import { StartRefused } from '../../ports/backend.ts';
import { DataDirLock } from './data-dir-lock.ts';
import { DATA_FILE, refuseDamaged } from './data-file.ts';
import { chunkFolder, FILES_FOLDER, fileRow } from './fs-file-store.ts';

/**
 * Writes a copy of the store, as of one moment, into a folder that is new or empty, while a gateway may be using the
 * store: LMDB lets other processes read what was last committed. Of files, those that were finished at that moment are copied with
 * their chunks, unless they are removed meanwhile. Only this user can read the copies, whoever can read the folder. Throws
 * StartRefused.
 */
export async function backUpStore(dataDir: string, target: string): Promise<void> {
  if (!existsSync(join(dataDir, DATA_FILE)))
    throw new StartRefused('configuration', `there is no store in ${dataDir} to back up`);
  refuseDamaged(dataDir);
  const umask = process.umask(0o077);
  try {
    makeFolders(target);
    if (readdirSync(target).length > 0)
      throw new StartRefused('configuration', `${target} is not empty: name a new folder for the backup`);
    const store = await openLive(dataDir);
    try {
      await store.backup(target, true);
    } finally {
      await store.close();
    }
    await copyFiles(dataDir, target);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartRefused('configuration', `the backup to ${target} failed: ${reason}`, error);
  } finally {
    process.umask(umask);
  }
}

async function openLive(dataDir: string): Promise<RootDatabase> {
  const lock = new DataDirLock(dataDir);
  try {
    return await lock.betweenCommits(() => open({ path: dataDir, noSubdir: false, readOnly: true }));
  } finally {
    await lock.release();
  }
}

/** A chunk never changes, so what the copied rows name can be copied after them. */
async function copyFiles(dataDir: string, target: string): Promise<void> {
  const copy = open({ path: target, noSubdir: false, readOnly: true });
  try {
    const files = copy.openDB<Buffer, Buffer>('files', { encoding: 'binary', keyEncoding: 'binary' });
    // A store of an earlier release has no such table.
    for (const { key, value } of files?.getRange() ?? []) {
      const { isWhole, isDiscarded } = fileRow.decode(value);
      const folder = chunkFolder(key.toString('hex'));
      const from = join(dataDir, FILES_FOLDER, folder);
      if (!isWhole || isDiscarded === true) continue;
      await cp(from, join(target, FILES_FOLDER, folder), { recursive: true }).catch(nothingIfMissing);
    }
  } finally {
    await copy.close();
  }
}
