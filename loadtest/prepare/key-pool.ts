import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadSharedKeys, makeSharedKeys, type SharedKeys } from '../wire/accounts.ts';

/**
 * Key pairs of accounts that exist for load only, kept in a file (mode 0600), so that they are made once. What is in the
 * file and cannot be read as keys is made anew.
 */
export async function keyPool(file: string, count: number): Promise<readonly SharedKeys[]> {
  const pool: SharedKeys[] = [];
  for (const pair of storedPairs(file).slice(0, count))
    pool.push(await loadSharedKeys(pair.rsa, pair.ed25519));
  if (pool.length === count) return pool;
  while (pool.length < count) pool.push(await makeSharedKeys());
  mkdirSync(dirname(file), { recursive: true });
  const pairs = pool.map(({ rsaHex, ed25519Hex }) => ({ rsa: rsaHex, ed25519: ed25519Hex }));
  writeFileSync(file, JSON.stringify(pairs), { mode: 0o600 });
  return pool;
}

interface StoredPair {
  readonly rsa: string;
  readonly ed25519: string;
}

function storedPairs(file: string): readonly StoredPair[] {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(read) ? read.filter(isPair) : [];
  } catch {
    // Not there yet, or damaged.
    return [];
  }
}

function isPair(value: unknown): value is StoredPair {
  if (typeof value !== 'object' || value === null) return false;
  const { rsa, ed25519 } = value as Readonly<Record<string, unknown>>;
  return isHex(rsa) && typeof ed25519 === 'string' && ed25519.length === 2 * 32 && isHex(ed25519);
}

function isHex(value: unknown): boolean {
  return typeof value === 'string' && /^([0-9a-f]{2})+$/.test(value);
}
