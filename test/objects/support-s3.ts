import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMongo } from '../../src/adapters/mongo/open-mongo.ts';
import { S3ObjectStore } from '../../src/adapters/s3/s3-object-store.ts';
import type { StoreBackend } from '../../src/ports/backend.ts';
import type { S3Target } from '../../src/ports/targets.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { type S3Server, startS3Server } from '../support/services/s3-server.ts';

/** A server of a test's own, on a disk: what it holds in memory would have no attributes. */
export async function startOwnS3(options: { readonly domain?: string } = {}): Promise<S3Server> {
  const dir = await mkdtemp(join(tmpdir(), 'conclave-s3-'));
  const server = await startS3Server({ dir, ...options });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return Object.assign(server, { [Symbol.asyncDispose]: stop });
}

/** One node whose chunks are in that bucket. */
export function openWithBucket(url: string, target: S3Target): StoreBackend {
  const telemetry = silentTelemetry();
  const objects = new S3ObjectStore({ target, telemetry });
  return openMongo({ url, timeoutMs: PATIENCE_MS, telemetry, objects });
}
