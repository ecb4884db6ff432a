import { openMongo } from '../../../src/adapters/mongo/open-mongo.ts';
import { App } from '../../../src/app.ts';
import { loadBackends } from '../../../src/backends.ts';
import { databaseUrl, dropDatabase } from '../cluster/test-cluster.ts';
import { gatewayConfig } from '../gateway-config.ts';
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
  const apps: App[] = [];
  const urls: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const env = { REDIS_URL: redis.url, MONGODB_URL: mongoUrl, NODE_ID: `node-${i}` };
    const config = gatewayConfig({ ...env, DRAIN_WAIT_SECONDS: '0', DRAIN_SECONDS: '0' });
    const app = new App({
      config,
      openBackends: await loadBackends(config),
      version: '0.0.0',
      log: { write: () => undefined },
      onDrainOrder: () => undefined,
    });
    apps.push(app);
    const started = await app.start();
    if (started.kind !== 'ready') throw new Error(`not started: ${JSON.stringify(started)}`);
    urls.push(started.url.replace('0.0.0.0', '127.0.0.1'));
  }
  return {
    urls,
    stores,
    nowMs: Date.now,
    // Others wait for a lease until it ends.
    passMs: () => undefined,
    emptyRelay: async () => void (await askRedis(redis.port, 'FLUSHALL', '+OK')),
    deafen: async () => void (await askRedis(redis.port, 'CLIENT KILL TYPE pubsub', ':')),
    hear: () => undefined,
    [Symbol.asyncDispose]: async () => {
      for (const app of apps) await app.stop();
      await stores.close();
      await dropDatabase(mongoUrl);
      await redis[Symbol.asyncDispose]();
    },
  };
}
