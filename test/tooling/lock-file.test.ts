import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

const locked = Object.entries(
  (JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockedPackage> })
    .packages,
).filter(([path]) => path !== '');

test('the lock file pins every package by SHA-512 and names no registry of its own', () => {
  expect(locked.length).toBeGreaterThan(100);
  const isFixed = ({ integrity = '', resolved }: LockedPackage): boolean =>
    /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) && resolved === undefined;
  expect(locked.filter(([, found]) => !isFixed(found)).map(([path]) => path)).toEqual([]);
});

test('no package runs a script when it is installed but those that SECURITY.md names', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const names = scripted.map(([path]) => path.replace('node_modules/', ''));
  expect(names).toEqual(['esbuild', 'lmdb', 'msgpackr-extract']);
  const document = readFileSync('SECURITY.md', 'utf8');
  for (const name of names) expect(document).toContain(`\`${name}\``);
});
