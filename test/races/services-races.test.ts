import { randomUUID } from 'node:crypto';
import { InProcessHub } from '../../src/adapters/embedded/in-process-hub.ts';
import { openEmbeddedRelay } from '../../src/adapters/embedded/open-embedded-relay.ts';
import { patient, redisNode } from '../contract/support-relay-redis.ts';
import { openMongoPair, withMongo } from '../contract/support-store-mongo.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { openTemporaryStores } from '../support/ports/temporary-stores.ts';
import { startRedisServer } from '../support/services/redis-server.ts';
import { type BackendPair, servicesRaces } from './services-races.ts';

/** One process, as the embedded default is; two nodes of it share the store. */
async function embedded(): Promise<BackendPair> {
  const stores = await openTemporaryStores();
  const hub = new InProcessHub();
  const open = () => openEmbeddedRelay({ telemetry: silentTelemetry(), hub });
  const relays = [open(), open()] as const;
  await Promise.all(relays.map((relay) => relay.start()));
  const dispose = async (): Promise<void> => {
    await Promise.all(relays.map((relay) => relay.close()));
    await stores[Symbol.asyncDispose]();
  };
  return { a: { stores, relay: relays[0] }, b: { stores, relay: relays[1] }, [Symbol.asyncDispose]: dispose };
}

const mongo = withMongo();

async function cluster(): Promise<BackendPair> {
  const given = process.env['TEST_REDIS_URL'];
  const redis = given === undefined ? await startRedisServer() : undefined;
  const stores = await openMongoPair(mongo.url);
  const prefix = `test:${randomUUID()}:`;
  const url = given ?? redis?.url ?? '';
  const relays = [redisNode(url, { prefix, ...patient }), redisNode(url, { prefix, ...patient })] as const;
  await Promise.all(relays.map((relay) => relay.start()));
  const dispose = async (): Promise<void> => {
    await Promise.all(relays.map((relay) => relay.close()));
    await stores[Symbol.asyncDispose]();
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
