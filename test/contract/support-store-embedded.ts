import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStores } from '../../src/adapters/embedded/open-embedded-stores.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import type { StoreLimits, StorePair } from './support-store.ts';

/** One process uses a data directory, so both nodes of the pair are the same. */
export async function openEmbeddedPair(limits: StoreLimits = {}): Promise<StorePair> {
  const dataDir = await mkdtemp(join(tmpdir(), 'conclave-stores-'));
  const store = openEmbeddedStores({ dataDir, telemetry: silentTelemetry(), ...limits });
  await store.start();
  const dispose = async (): Promise<void> => {
    await store.close();
    await rm(dataDir, { recursive: true });
  };
  return { a: store, b: store, [Symbol.asyncDispose]: dispose };
}
