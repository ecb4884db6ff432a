import { rename, rm, stat } from 'node:fs/promises';
import { open } from 'lmdb';
import type { ChainStore } from '../crypto/chain-store.ts';
import { ConclaveError } from '../sdk/errors.ts';
import type { StateStore } from '../sdk/storage/state-store.ts';
import type { Exclusively } from './key-file.ts';
import { type ChainDatabase, LmdbChains } from './lmdb-chains.ts';
import { lmdbFileState } from './lmdb-file-check.ts';
import { LmdbState } from './lmdb-state.ts';
import { LmdbUse } from './lmdb-use.ts';
import { makeFilePrivate } from './private-files.ts';

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
 * ends with the process that holds it.
 */
export async function openLmdbEnvironment(path: string, dataKey: Uint8Array): Promise<LmdbEnvironment> {
  if ((await lmdbFileState(path)) === 'foreign')
    throw new ConclaveError('no_profile', 'the state beside the key file is damaged');
  const database: ChainDatabase = open({
    path,
    noSubdir: true,
    encoding: 'binary',
    // A resolved write is on the disk, not on its way.
    overlappingSync: false,
  });
  await makeFilePrivate(path);
  await makeFilePrivate(`${path}-lock`);
  const use = new LmdbUse();
  return {
    state: new LmdbState(database, dataKey, use),
    chains: new LmdbChains(database, use),
    exclusively: (step) => use.run(() => database.transaction(step)),
    copyTo: async (copy) => {
      if (await isThere(copy)) return;
      const writing = `${copy}.tmp`;
      await rm(writing, { force: true });
      await database.backup(writing, false);
      await makeFilePrivate(writing);
      await rename(writing, copy);
    },
    close: async () => {
      await use.end();
      await database.close();
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
