import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { type Key as LmdbKey, open, type RootDatabase } from 'lmdb';
import { lmdbFileState } from '../../src/lib/lmdb-file.ts';
import type { ChainStore } from '../crypto/chain-store.ts';
import { localError } from '../sdk/errors.ts';
import type { StateStore } from '../sdk/storage/state-store.ts';
import type { Exclusively } from './key-file.ts';
import { type ChainDatabase, LmdbChains } from './lmdb-chains.ts';
import { LmdbState } from './lmdb-state.ts';
import { LmdbUse, requireSpace } from './lmdb-use.ts';
import { makeFilePrivate } from './private-files.ts';
import { unwritable } from './unwritable.ts';
import { WriterLock } from './writer-lock.ts';

export interface LmdbEnvironment {
  readonly state: StateStore;
  readonly chains: ChainStore;
  /** Runs one synchronous step under the writer lock, which other processes wait for. */
  readonly exclusively: Exclusively;
  /** Writes a copy of the whole file as it is now, for this user alone; one that is there already stays. */
  copyTo(path: string): Promise<void>;
  /** Waits for what was begun; whatever is asked later rejects with `closed`. */
  close(): Promise<void>;
}

/**
 * The state of one account in one file, with its lock file beside it. Several processes may have it open; the writer lock
 * ends with the process that holds it. Rejects with `profile_locked` when one of them has held it for `lockWaitMs`, and with
 * `profile_unwritable`.
 */
export async function openLmdbEnvironment(
  path: string,
  dataKey: Uint8Array,
  { lockWaitMs }: LockWait = {},
): Promise<LmdbEnvironment> {
  if (lmdbFileState(path) === 'foreign') throw localError('no_profile', 'state_damaged', { path });
  const lock = new WriterLock(path, lockWaitMs);
  const database: ChainDatabase = await openLmdb(path, lock);
  const use = new LmdbUse(path, lock, database);
  return {
    state: new LmdbState(database, dataKey, use),
    chains: new LmdbChains(database, use),
    exclusively: (step) => use.write(step),
    copyTo: async (copy) => {
      if (existsSync(copy)) return;
      const writing = `${copy}.tmp`;
      await rm(writing, { force: true });
      await database.backup(writing, false);
      await makeFilePrivate(writing);
      await rename(writing, copy);
    },
    close: async () => {
      await use.end();
      await database.close();
      lock.close();
    },
  };
}

/** How long to wait for a process that holds the writer lock. */
export interface LockWait {
  readonly lockWaitMs?: number | undefined;
}

/** Opens, or makes, a file for this user alone. Opening takes the writer lock; of an old file, nothing is written. */
export async function openLmdb<Key extends LmdbKey>(
  path: string,
  lock: WriterLock,
): Promise<RootDatabase<Uint8Array, Key>> {
  try {
    await lock.untilFree();
    if (!existsSync(path)) requireSpace(path);
    const database = open<Uint8Array, Key>({
      path,
      noSubdir: true,
      encoding: 'binary',
      // A resolved write is on the disk, not on its way.
      overlappingSync: false,
    });
    // Leaves our name in the lock file until we close it, even if we only write: see WriterLock.wasLeftOpen.
    database.getStats();
    await makeFilePrivate(path);
    await makeFilePrivate(`${path}-lock`);
    // Others that are at work should see what they committed while this opened: it puts right what that set back. At once, since
    // another environment of this process would wait for the writer lock on the thread that has to end this transaction.
    await lock.untilFree();
    database.transactionSync(() => lock.isCurrent(database.getWriteTxnId()));
    return database;
  } catch (error) {
    lock.close();
    throw unwritable(path, error);
  }
}
