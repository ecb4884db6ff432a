import { rename } from 'node:fs/promises';
import { lmdbFileState } from '../../src/lib/lmdb-file.ts';
import { ConclaveError, localError } from '../sdk/errors.ts';
import type { Sharing } from '../sdk/storage/sharing.ts';
import { migrateState, stateVersion } from '../sdk/storage/state-version.ts';
import type { LocalFault } from '../texts/texts.ts';
import type { KeyFile } from './key-file.ts';
import { type LmdbEnvironment, type LockWait, openLmdbEnvironment } from './lmdb-environment.ts';
import { isReadable } from './lmdb-probe.ts';
import { profileSharing } from './profile-sharing.ts';
import { copyBeforeMigration, holdsState } from './state-file.ts';
import { wasLeftOpen } from './writer-lock.ts';

/**
 * The state beside a key file, in the present form. The key file knows once a state has been there: one that is missing or
 * damaged is told, and never replaced by an empty one, which would trust whoever comes first. Rejects with `no_profile`.
 */
export async function openState(
  path: string,
  keyFile: KeyFile,
  wait: LockWait = {},
): Promise<LmdbEnvironment & { readonly sharing: Sharing }> {
  const fault = await stateFault(path, keyFile.hasState);
  if (fault !== undefined) throw localError('no_profile', fault, { path });
  const environment = await openLmdbEnvironment(path, keyFile.dataKey, wait);
  try {
    const { state, exclusively } = environment;
    if (keyFile.hasState && (await stateVersion(state)) === undefined)
      throw localError('no_profile', 'state_damaged', { path });
    await migrateState(state, () => environment.copyTo(copyBeforeMigration(path)));
    if (!keyFile.hasState) await keyFile.noteState(exclusively);
    return { ...environment, sharing: profileSharing(path, keyFile.path) };
  } catch (error) {
    await environment.close();
    throw error;
  }
}

/** What is wrong with the file, before LMDB maps it; undefined when nothing is. */
export async function stateFault(path: string, hasState: boolean): Promise<LocalFault | undefined> {
  if (!(await holdsState(path))) return hasState ? 'state_missing' : undefined;
  const found = lmdbFileState(path);
  if (found === 'foreign') return 'state_damaged';
  const isDoubtful = found === 'cut-short' || wasLeftOpen(path);
  return isDoubtful && !(await isReadable(path)) ? 'state_damaged' : undefined;
}

/** `nothing_lost`: the state is sound, and stays. */
export type Recovery = 'given_up' | 'nothing_lost';

/** Gives up a state that is missing or damaged. What is there is kept under another name. */
export async function giveUpState(path: string, keyFile: KeyFile): Promise<Recovery> {
  try {
    await (await openState(path, keyFile)).close();
    return 'nothing_lost';
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'no_profile') throw error;
  }
  const aside = `.lost-${new Date().toISOString().replaceAll(':', '-')}`;
  for (const file of [path, `${path}-lock`])
    await rename(file, `${file}${aside}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  const environment = await openLmdbEnvironment(path, keyFile.dataKey);
  await migrateState(environment.state, () => Promise.resolve());
  await environment.close();
  return 'given_up';
}
