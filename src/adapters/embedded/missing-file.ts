/** For a `catch`: a file that is not there is undefined, and every other failure is thrown again. */
export function nothingIfMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
