import { openSync } from 'node:fs';

/** For a `catch`: a file that is not there is undefined, and every other failure is thrown again. */
export function nothingIfMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

/** A descriptor for reading, to be closed. Undefined: there is no such file. */
export function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    return nothingIfMissing(error);
  }
}
