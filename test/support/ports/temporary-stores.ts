import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type EmbeddedStoresOptions,
  openEmbeddedStores,
} from '../../../src/adapters/embedded/open-embedded-stores.ts';
import type { StoreBackend } from '../../../src/ports/backend.ts';
import { afterKill } from '../programs/after-kill.ts';
import { silentTelemetry } from './silent-telemetry.ts';

/** File system of Linux in memory: what is kept for one test need not wait for a disk. */
const IN_MEMORY = '/dev/shm';
/** A container may have as little as 64 MiB there. */
const RESERVE_BYTES = 16 * 1024 * 1024;

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
    diskReserveBytes: RESERVE_BYTES,
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

function temporaryFolder(): string {
  try {
    accessSync(IN_MEMORY, constants.W_OK);
    return IN_MEMORY;
  } catch {
    return tmpdir();
  }
}

/** For the test that runs now: closed and removed at its end. */
export async function storesForTest(): Promise<TemporaryStores> {
  const stores = await openTemporaryStores();
  onTestFinished(() => stores[Symbol.asyncDispose]());
  return stores;
}
