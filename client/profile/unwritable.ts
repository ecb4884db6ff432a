import { ConclaveError } from '../sdk/errors.ts';

const advice: readonly (readonly [fault: RegExp, words: (path: string) => string])[] = [
  [
    /ENOSPC|EDQUOT|no space left|quota/i,
    (path) => `the disk is full: free some space for ${path}, then try again`,
  ],
  [
    /EROFS|read-only/i,
    (path) => `${path} is on a read-only file system: mount it writable, or choose another place`,
  ],
  [
    /EACCES|EPERM|permission denied|not permitted/i,
    (path) => `this user can't write ${path}: see who owns it with ls -ld`,
  ],
];

/** What LMDB and the file system say of a file that they can't write, as a refusal with the path and what to do. */
export function unwritable(path: string, cause: unknown): ConclaveError {
  if (cause instanceof ConclaveError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const words = advice.find(([fault]) => fault.test(why))?.[1](path) ?? `${path} can't be written: ${why}`;
  return new ConclaveError('profile_unwritable', words, { cause });
}
