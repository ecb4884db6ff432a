import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Run by vitest before its workers start: they, and what they start with `keyPoolEnv`, draw RSA keys from the pool. */
export function setup(): (() => void) | undefined {
  // Set already: each project comes here, and a run of tests may be started by a test.
  if (process.env['TEST_KEYS_DRAWN'] !== undefined) return undefined;
  const drawn = mkdtempSync(join(tmpdir(), 'conclave-keys-drawn-'));
  const pool = new URL('pool.mjs', import.meta.url).href;
  process.env['TEST_KEYS_DRAWN'] = drawn;
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import=${pool}`.trim();
  return () => rmSync(drawn, { recursive: true, force: true });
}
