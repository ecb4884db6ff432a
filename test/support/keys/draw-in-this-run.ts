import { generatePrimeSync } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const primesFile = fileURLToPath(new URL('../../../.cache/test-primes.json', import.meta.url));
/** For 2,016 keys. */
const PRIMES = 64;
const PRIME_BITS = 1_024;
const E = 65_537n;

/** Run by vitest before its workers start: they, and what they start with `keyPoolEnv`, draw RSA keys from the pool. */
export function setup(): (() => void) | undefined {
  // Set already: each project comes here, and a run of tests may be started by a test.
  if (process.env['TEST_KEYS_DRAWN'] !== undefined) return undefined;
  if (!existsSync(primesFile)) makePrimes();
  const drawn = mkdtempSync(join(tmpdir(), 'conclave-keys-drawn-'));
  copyFileSync(primesFile, join(drawn, 'primes.json'));
  const pool = new URL('pool.mjs', import.meta.url).href;
  process.env['TEST_KEYS_DRAWN'] = drawn;
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import=${pool}`.trim();
  return () => rmSync(drawn, { recursive: true, force: true });
}

function makePrimes(): void {
  const primes = new Set<bigint>();
  while (primes.size < PRIMES) {
    // OpenSSL sets the two highest bits, so that the product of two has all of its length.
    const prime = generatePrimeSync(PRIME_BITS, { bigint: true });
    if ((prime - 1n) % E !== 0n) primes.add(prime);
  }
  mkdirSync(dirname(primesFile), { recursive: true });
  // Under its name only when it is whole.
  const unfinished = `${primesFile}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify([...primes].map((prime) => prime.toString(16))), { mode: 0o600 });
  renameSync(unfinished, primesFile);
}
