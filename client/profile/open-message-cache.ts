import { hkdfSync } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { lmdbFileState } from '../../src/lib/lmdb-file.ts';
import { CACHE_BYTES_MAX_DEFAULT, type MessageCache } from '../sdk/storage/message-cache.ts';
import { type LockWait, openLmdb } from './lmdb-environment.ts';
import { type CacheDatabase, LmdbMessageCache } from './lmdb-message-cache.ts';
import { isReadable } from './lmdb-probe.ts';
import { LmdbUse } from './lmdb-use.ts';
import { exists } from './private-files.ts';
import { WriterLock, wasLeftOpen } from './writer-lock.ts';

export interface OpenMessageCache {
  readonly cache: MessageCache;
  /** What was there was damaged, and is gone. */
  readonly isReplaced: boolean;
  close(): Promise<void>;
}

/**
 * The cache of one account in a file of its own, encrypted under a key derived from the account's data key. It may be lost: a
 * damaged file is replaced, by the next process that opens it if it shows only later, or ends this one.
 */
export async function openMessageCache(
  path: string,
  dataKey: Uint8Array,
  options: LockWait & { readonly bytesMax?: number } = {},
): Promise<OpenMessageCache> {
  const isReplaced = await isDamaged(path);
  if (isReplaced) await removeMessageCache(path);
  const lock = new WriterLock(path, options.lockWaitMs);
  const database: CacheDatabase = await openLmdb(path, lock);
  const use = new LmdbUse(path, lock, database);
  let damaged = false;
  const cache = new LmdbMessageCache({
    database,
    use,
    key: new Uint8Array(hkdfSync('sha256', dataKey, '', 'conclave message cache', 32)),
    bytesMax: options.bytesMax ?? CACHE_BYTES_MAX_DEFAULT,
    onDamage: () => {
      damaged = true;
    },
  });
  return {
    cache,
    isReplaced,
    close: async () => {
      // What still asks while it closes finds it closed, which is no damage.
      const isLost = damaged;
      await use.end();
      await database.close();
      lock.close();
      if (isLost) await removeMessageCache(path);
    },
  };
}

async function isDamaged(path: string): Promise<boolean> {
  if (lmdbFileState(path) !== 'whole') return true;
  return wasLeftOpen(path) && !(await isReadable(path));
}

/** Processes that have it open go on with what they have, until they end. */
async function removeMessageCache(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}-lock`, { force: true });
}

/** A cache that gives nothing and takes nothing, and still drops what has to go. */
function onlyForgetting(cache: MessageCache): MessageCache {
  return {
    get: () => Promise.resolve(undefined),
    write: () => Promise.resolve(),
    terms: (room, terms, now) => cache.terms(room, terms, now),
    forget: (room) => cache.forget(room),
    clear: () => cache.clear(),
    async *newest() {
      // Nothing to look through.
    },
  };
}

/** A cache that is not to be used still has to forget what its rooms no longer allow. */
export async function openCacheIfAny(
  path: string,
  dataKey: Uint8Array,
  mayCache: boolean,
): Promise<OpenMessageCache | undefined> {
  if (!mayCache && !(await exists(path))) return undefined;
  try {
    const { cache, ...opened } = await openMessageCache(path, dataKey);
    return { ...opened, cache: mayCache ? cache : onlyForgetting(cache) };
  } catch {
    // No space, something else in its place: nobody is kept from reading for want of a cache.
    return undefined;
  }
}
