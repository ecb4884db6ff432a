import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';

/** Longest that reading a whole file may take; a state of many megabytes is read in less than a second. */
const PROBE_MS_MAX = 30_000;

const script = `
const [, library, path] = process.argv;
try {
  const database = require(library).open({ path, noSubdir: true, encoding: 'binary', readOnly: true });
  // Copied: of a long value, LMDB gives only where it stands.
  for (const { value } of database.getRange({})) Buffer.from(value);
} catch {
  // Not closed, so that the lock file still tells the next who looks.
  process.kill(process.pid, 'SIGKILL');
}
`;

/**
 * Whether every record of a file can be read. Checked in a separate process, because LMDB can crash the process that reads a damaged
 * or truncated file. A sound file may be shorter than it says if its last pages were never used, so the size alone decides nothing.
 */
export async function isReadable(path: string): Promise<boolean> {
  const library = createRequire(import.meta.url).resolve('lmdb');
  const probe = spawn(process.execPath, ['-e', script, library, path], {
    stdio: 'ignore',
    timeout: PROBE_MS_MAX,
  });
  const [code] = await once(probe, 'close');
  return code === 0;
}
