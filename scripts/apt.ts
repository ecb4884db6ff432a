import { spawnSync } from 'node:child_process';
import { findInPath } from '../test/support/programs/find-in-path.ts';

export function canAptInstall(): boolean {
  return process.getuid?.() === 0 && findInPath('apt-get') !== undefined;
}

export function aptInstall(packages: readonly string[], say: (line: string) => void): void {
  say(`Installing ${packages.join(', ')} with apt-get…`);
  // RUNLEVEL=1 keeps the packages from starting services of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]])
    spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
}
