import { join } from 'node:path';
import { lmdbFileState } from '../../lib/lmdb-file.ts';
import { StartRefused } from '../../ports/backend.ts';

export const DATA_FILE = 'data.mdb';

/** To be called before LMDB maps the store's file. Throws StartRefused, and what the system says. */
export function refuseDamaged(dataDir: string): void {
  const path = join(dataDir, DATA_FILE);
  if (lmdbFileState(path) !== 'whole') throw damagedStore(path);
}

export function damagedStore(path: string, cause?: unknown): StartRefused {
  return new StartRefused(
    'configuration',
    `the store ${path} is damaged or cut short: restore the data directory from a backup. To begin with an empty store, move the file away`,
    cause,
  );
}

/** LMDB noticed while it read that the file is not as it left it. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && /MDB_(CORRUPTED|PAGE_NOTFOUND|INVALID|PANIC)/.test(error.message);
}
