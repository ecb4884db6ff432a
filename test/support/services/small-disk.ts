import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
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

/** Skips a test that needs a small disk where this process may not mount one. */
export function skipUnlessMountable({ skip }: Pick<TestContext, 'skip'>): void {
  try {
    mountSmallDisk(1)[Symbol.dispose]();
  } catch {
    skip('a file system has to be mounted, which takes root');
  }
}
