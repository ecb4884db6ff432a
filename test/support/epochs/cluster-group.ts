import { openMongo } from '../../../src/adapters/mongo/open-mongo.ts';
import { type LiveGateway, startLiveGateway } from '../../gateway/live-gateway.ts';
import { databaseUrl, dropDatabase } from '../cluster/test-cluster.ts';
import { silentTelemetry } from '../ports/silent-telemetry.ts';
import { askRedis, startRedisServer } from '../services/redis-server.ts';
import type { GatewayGroup } from './gateway-group.ts';

const TIMEOUT_MS = 40_000;

/** In this process, on a Redis of their own and a database of this MongoDB-wire server. */
export async function clusterGroup(count: number, mongoServer: string): Promise<GatewayGroup> {
  const redis = await startRedisServer();
  const mongoUrl = databaseUrl(mongoServer);
  const stores = openMongo({ url: mongoUrl, timeoutMs: TIMEOUT_MS, telemetry: silentTelemetry() });
  await stores.start();
  const gateways: LiveGateway[] = [];
  for (let i = 0; i < count; i += 1)
    gateways.push(
      await startLiveGateway({ REDIS_URL: redis.url, MONGODB_URL: mongoUrl, NODE_ID: `node-${i}` }),
    );
  return {
    urls: gateways.map(({ url }) => url.replace('0.0.0.0', '127.0.0.1')),
    stores,
    nowMs: Date.now,
    // Others wait for a lease until it ends.
    passMs: () => undefined,
    emptyRelay: async () => void (await askRedis(redis.port, 'FLUSHALL', '+OK')),
    deafen: async () => void (await askRedis(redis.port, 'CLIENT KILL TYPE pubsub', ':')),
    hear: () => undefined,
    [Symbol.asyncDispose]: async () => {
      for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
      await stores.close();
      await dropDatabase(mongoUrl);
      await redis[Symbol.asyncDispose]();
    },
  };
}
