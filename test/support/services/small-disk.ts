import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { atEnd } from '../programs/at-end.ts';

/** A file system in memory that is full soon. */
export interface SmallDisk extends Disposable {
  readonly path: string;
}

/** Throws where this process may not mount. */
export function mountSmallDisk(mebibytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'conclave-small-disk-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path]);
  if (status !== 0) {
    rmdirSync(path);
    throw new Error(`no file system can be mounted: ${stderr}`);
  }
  const unmount = (): void => {
    // Lazily: a killed process may still hold files.
    spawnSync('umount', ['--lazy', path]);
    rmdirSync(path);
  };
  const forgetEnd = atEnd(unmount);
  return {
    path,
    [Symbol.dispose]: () => {
      forgetEnd();
      unmount();
    },
  };
}

/** Takes all that is left. A gateway may write at the same moment: what does not fit any more is not needed. */
export function fillUp(path: string, ballast: string): void {
  const { bavail, bsize } = statfsSync(path);
  try {
    writeFileSync(ballast, Buffer.alloc(bavail * bsize));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

/** Skips a test that needs a small disk where this process may not mount one. */
export function skipUnlessMountable({ skip }: Pick<TestContext, 'skip'>): void {
  try {
    mountSmallDisk(1)[Symbol.dispose]();
  } catch {
    skip('a file system has to be mounted, which takes root');
  }
}
