import { ConclaveError, localError } from '../sdk/errors.ts';
import type { LocalFault } from '../texts/texts.ts';
import { readFileUpTo } from './bounded-file.ts';

/** Of a key file or an export: room for everybody that a profile can know, and their keys. */
const FILE_BYTES_MAX: number = 256 * 1024 * 1024;

/** In the words of the system and of LMDB. */
const rawFaults: readonly (readonly [raw: RegExp, fault: LocalFault])[] = [
  [/ENOSPC|EDQUOT|no space left|quota/i, 'disk_full'],
  [/EROFS|read-only/i, 'read_only'],
  [/EACCES|EPERM|permission denied|not permitted/i, 'not_permitted'],
  [/ENOENT/, 'folder_missing'],
  [/ENOTDIR|EEXIST/, 'file_in_the_way'],
];

/** What LMDB and the file system say of a file that they can't write, as a refusal with the path and what to do. */
export function unwritable(path: string, cause: unknown): ConclaveError {
  if (cause instanceof ConclaveError) return cause;
  const raw = cause instanceof Error ? cause.message : String(cause);
  const fault = rawFaults.find(([words]) => words.test(raw))?.[1] ?? 'not_writable';
  return localError('profile_unwritable', fault, { path }, cause);
}

/** What goes wrong with the content of a file names it. */
export async function naming<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof ConclaveError ? error.about({ path }) : error;
  }
}

/** The content of a file. Rejects with `no_profile` and what is in the way. */
export async function readOrSay(path: string): Promise<Uint8Array> {
  const content = await readFileUpTo(path, FILE_BYTES_MAX).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw localError('no_profile', readFaults[code] ?? 'not_readable', { path }, error);
  });
  if (content === undefined) throw localError('no_profile', 'key_file_damaged', { path });
  return content;
}

const readFaults: Readonly<Record<string, LocalFault>> = {
  ENOENT: 'file_missing',
  EACCES: 'file_not_permitted',
  EPERM: 'file_not_permitted',
  EISDIR: 'file_is_folder',
  ENOTDIR: 'file_in_the_way',
};
