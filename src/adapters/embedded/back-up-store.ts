import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { StartRefused } from '../../ports/backend.ts';

/**
 * Writes a copy of the store, as of one moment, into a folder that is new or empty, while a gateway may be using the
 * store: LMDB lets other processes read what was last committed. Throws StartRefused.
 */
export async function backUpStore(dataDir: string, target: string): Promise<void> {
  if (!existsSync(join(dataDir, 'data.mdb')))
    throw new StartRefused('configuration', `there is no store in ${dataDir} to back up`);
  try {
    mkdirSync(target, { recursive: true, mode: 0o700 });
    if (readdirSync(target).length > 0)
      throw new StartRefused('configuration', `${target} is not empty: name a new folder for the backup`);
    const store = open({ path: dataDir, noSubdir: false, readOnly: true });
    try {
      await store.backup(target, true);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartRefused('configuration', `the backup to ${target} failed: ${reason}`, error);
  }
}
