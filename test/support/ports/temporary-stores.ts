import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type EmbeddedStoresOptions,
  openEmbeddedStores,
} from '../../../src/adapters/embedded/open-embedded-stores.ts';
import type { StoreBackend } from '../../../src/ports/backend.ts';
import { afterKill } from '../programs/after-kill.ts';
import { temporaryFolder } from '../programs/memory-folder.ts';
import { silentTelemetry } from './silent-telemetry.ts';

export interface TemporaryStores extends StoreBackend, AsyncDisposable {
  readonly dataDir: string;
}

/** The embedded stores, started, in a folder that is removed with them. */
export async function openTemporaryStores(
  options: Partial<EmbeddedStoresOptions> = {},
): Promise<TemporaryStores> {
  const dataDir = await mkdtemp(join(temporaryFolder(), 'conclave-stores-'));
  const forget = afterKill({ dir: dataDir });
  const stores = openEmbeddedStores({
    dataDir,
    telemetry: silentTelemetry(),
    ...options,
  });
  await stores.start();
  const dispose = async (): Promise<void> => {
    await stores.close();
    await rm(dataDir, { recursive: true, force: true });
    forget();
  };
  return { ...stores, dataDir, [Symbol.asyncDispose]: dispose };
}

/** For the test that runs now: closed and removed at its end. */
export async function storesForTest(): Promise<TemporaryStores> {
  const stores = await openTemporaryStores();
  onTestFinished(() => stores[Symbol.asyncDispose]());
  return stores;
}
