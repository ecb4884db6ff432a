import { closeSync, fstatSync, readSync } from 'node:fs';
import { openIfThere } from './missing-file.ts';

/** Two pages of 4 KiB: each begins with a header of 24 bytes, then what LMDB calls a meta (mdb.c: MDB_page, MDB_meta). */
const META_PAGE_BYTES = 4096;
const MAGIC_AT = 24;
const MAGIC = 0xbeefc0de;
const PAGE_BYTES_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;

export type LmdbFileState = 'whole' | 'cut-short' | 'foreign';

/**
 * Looks at a file before LMDB maps it: on one that is not its own, or shorter than it says, as after a copy that was cut off, LMDB
 * ends the process with a fault of memory that nothing can catch. An absent or empty file is whole. Throws the system's error.
 */
export function lmdbFileState(path: string): LmdbFileState {
  const file = openIfThere(path);
  if (file === undefined) return 'whole';
  try {
    const { bytesRead, newest } = readMetas(file);
    if (bytesRead === 0) return 'whole';
    if (newest === undefined) return bytesRead < 2 * META_PAGE_BYTES ? 'cut-short' : 'foreign';
    // The size is asked for last: another process may be making the file longer.
    return BigInt(fstatSync(file).size) < newest.bytes ? 'cut-short' : 'whole';
  } finally {
    closeSync(file);
  }
}

/** The number of the last transaction that was committed to an open file of LMDB; undefined: it is not one. */
export function lastCommit(file: number): bigint | undefined {
  return readMetas(file).newest?.transaction;
}

interface Meta {
  readonly transaction: bigint;
  /** Of the file, as far as it is used. */
  readonly bytes: bigint;
}

/** `newest` is undefined unless both pages are there. */
function readMetas(file: number): { readonly bytesRead: number; readonly newest: Meta | undefined } {
  const pages = Buffer.alloc(2 * META_PAGE_BYTES);
  const bytesRead = readSync(file, pages, 0, pages.length, 0);
  const [one, other] = [0, META_PAGE_BYTES]
    .filter((at) => at + META_PAGE_BYTES <= bytesRead && pages.readUInt32LE(at + MAGIC_AT) === MAGIC)
    .map((at) => ({
      transaction: pages.readBigUInt64LE(at + TRANSACTION_AT),
      bytes: (pages.readBigUInt64LE(at + LAST_PAGE_AT) + 1n) * BigInt(pages.readUInt32LE(at + PAGE_BYTES_AT)),
    }));
  if (one === undefined || other === undefined) return { bytesRead, newest: undefined };
  return { bytesRead, newest: other.transaction > one.transaction ? other : one };
}
