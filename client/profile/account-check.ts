import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { localError } from '../sdk/errors.ts';
import { KeyFile } from './key-file.ts';
import { requireSpace } from './lmdb-use.ts';
import { stateFault } from './open-state.ts';
import { isErrno } from './private-files.ts';
import { needsPassphrase } from './sealed-file.ts';
import { naming, unwritable } from './unwritable.ts';

/** A private key of RSA-2048 alone has 1,190 bytes; its document with keys and signatures has over 600. */
const KEY_FILE_BYTES_MIN = 1_800;

/** The files of one account. */
export interface AccountFiles {
  readonly keys: string;
  readonly state: string;
  readonly cache: string;
}

/**
 * Everything about the files of an account that shows without its passphrase. `sealed` is the content of the key file. Rejects with what
 * is wrong; gives whether a passphrase protects the keys.
 */
export async function checkAccountFiles(
  { keys, state, cache }: AccountFiles,
  sealed: Uint8Array,
): Promise<{ readonly isProtected: boolean }> {
  const isProtected = await naming(keys, needsPassphrase('keys', sealed));
  if (isProtected && sealed.length < KEY_FILE_BYTES_MIN)
    throw localError('no_profile', 'key_file_damaged', { path: keys });
  const { hasState } = isProtected ? { hasState: false } : await KeyFile.open(keys, sealed, undefined);
  const fault = await stateFault(state, hasState);
  if (fault !== undefined) throw localError('no_profile', fault, { path: state });
  const folder = dirname(keys);
  const written = [state, `${state}-lock`, cache, `${cache}-lock`, join(folder, '.')];
  for (const path of written)
    await access(path, constants.W_OK).catch((error: unknown) => {
      if (!isErrno(error, 'ENOENT')) throw unwritable(path, error);
    });
  requireSpace(state);
  return { isProtected };
}
