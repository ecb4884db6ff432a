import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StartRefused } from '../../ports/backend.ts';

export const DATA_FILE = 'data.mdb';

/** Two pages of 4 KiB: each begins with a header of 24 bytes, then what LMDB calls a meta. */
const META_PAGE_BYTES = 4096;
const MAGIC_AT = 24;
const MAGIC = 0xbeefc0de;
const PAGE_BYTES_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;

/**
 * Looks at the store's file before LMDB maps it: on one that is not its own, or shorter than it says, as after a copy that was
 * cut off, LMDB ends the process with a fault of memory that nothing can catch. Throws StartRefused, and what the system says.
 */
export function refuseDamaged(dataDir: string): void {
  const path = join(dataDir, DATA_FILE);
  if (!isWhole(path)) throw damagedStore(path);
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

/** An empty file is whole: LMDB makes a new store of it. */
function isWhole(path: string): boolean {
  const file = openIfThere(path);
  if (file === undefined) return true;
  try {
    const pages = Buffer.alloc(2 * META_PAGE_BYTES);
    const byteCount = readSync(file, pages, 0, pages.length, 0);
    if (byteCount === 0) return true;
    if (byteCount < pages.length) return false;
    const metas: { readonly transaction: bigint; readonly byteCount: bigint }[] = [];
    for (const at of [0, META_PAGE_BYTES]) {
      if (pages.readUInt32LE(at + MAGIC_AT) !== MAGIC) return false;
      const pageBytes = BigInt(pages.readUInt32LE(at + PAGE_BYTES_AT));
      const pageCount = pages.readBigUInt64LE(at + LAST_PAGE_AT) + 1n;
      metas.push({
        transaction: pages.readBigUInt64LE(at + TRANSACTION_AT),
        byteCount: pageCount * pageBytes,
      });
    }
    const newest = metas.reduce((one, other) => (other.transaction > one.transaction ? other : one));
    // The size is asked for last: another process may be making the file longer.
    return BigInt(fstatSync(file).size) >= newest.byteCount;
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
