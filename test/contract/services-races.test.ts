import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessHub } from '../../src/adapters/embedded/in-process-hub.ts';
import { openEmbeddedRelay } from '../../src/adapters/embedded/open-embedded-relay.ts';
import { openEmbeddedStores } from '../../src/adapters/embedded/open-embedded-stores.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { startRedisServer } from '../support/services/redis-server.ts';
import { type BackendPair, servicesRaces } from './services-races.ts';
import { patient, redisNode } from './support-relay-redis.ts';
import { openMongoPair, sharedMongo } from './support-store-mongo.ts';

/** One process, as the embedded default is; two nodes of it share the store. */
async function embedded(): Promise<BackendPair> {
  const dataDir = await mkdtemp(join(tmpdir(), 'conclave-services-'));
  const telemetry = silentTelemetry();
  const stores = openEmbeddedStores({ dataDir, telemetry });
  const hub = new InProcessHub();
  const relays = [openEmbeddedRelay({ telemetry, hub }), openEmbeddedRelay({ telemetry, hub })] as const;
  await stores.start();
  await Promise.all(relays.map((relay) => relay.start()));
  const dispose = async (): Promise<void> => {
    await Promise.all(relays.map((relay) => relay.close()));
    await stores.close();
    await rm(dataDir, { recursive: true });
  };
  return { a: { stores, relay: relays[0] }, b: { stores, relay: relays[1] }, [Symbol.asyncDispose]: dispose };
}

async function cluster(): Promise<BackendPair> {
  const given = process.env['TEST_REDIS_URL'];
  const redis = given === undefined ? await startRedisServer() : undefined;
  const mongo = await sharedMongo();
  const stores = await openMongoPair(mongo.url);
  const prefix = `test:${randomUUID()}:`;
  const url = given ?? redis?.url ?? '';
  const relays = [redisNode(url, { prefix, ...patient }), redisNode(url, { prefix, ...patient })] as const;
  await Promise.all(relays.map((relay) => relay.start()));
  const dispose = async (): Promise<void> => {
    await Promise.all(relays.map((relay) => relay.close()));
    await stores[Symbol.asyncDispose]();
    await mongo[Symbol.asyncDispose]();
    await redis?.stop();
  };
  return {
    a: { stores: stores.a, relay: relays[0] },
    b: { stores: stores.b, relay: relays[1] },
    [Symbol.asyncDispose]: dispose,
  };
}

servicesRaces('the embedded default', embedded);
servicesRaces('Redis and MongoDB', cluster);
