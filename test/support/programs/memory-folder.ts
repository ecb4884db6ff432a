import { accessSync, chmodSync, constants, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory, on Linux. */
const IN_MEMORY = '/dev/shm';
/** A container may have as little as 64 MiB there; the data of all tests that run at once are some hundred. */
const FREE_BYTES_MIN = 2 * 1024 ** 3;

/** Where tests keep what they throw away: in memory if there is room, since most of a write is the wait for the disk. */
export function temporaryFolder(): string {
  if (process.env['TMPDIR'] !== undefined) return tmpdir();
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize >= FREE_BYTES_MIN && takesPrograms(IN_MEMORY) ? IN_MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** False where it is mounted without the right to run what lies in it. */
function takesPrograms(folder: string): boolean {
  const file = join(folder, `conclave-probe-${process.pid}`);
  writeFileSync(file, '');
  try {
    chmodSync(file, 0o700);
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(file);
  }
}
