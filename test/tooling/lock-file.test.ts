import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly integrity?: string;
  readonly resolved?: string;
}

test('the lock file fixes every package by its SHA-512, and none comes from outside the registry', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const locked = Object.entries(packages).filter(([path]) => path !== '');
  expect(locked.length).toBeGreaterThan(100);
  const isFixed = ({ integrity = '', resolved }: LockedPackage): boolean =>
    /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) &&
    (resolved === undefined || resolved.startsWith('https://registry.npmjs.org/'));
  expect(locked.filter(([, found]) => !isFixed(found)).map(([path]) => path)).toEqual([]);
});
