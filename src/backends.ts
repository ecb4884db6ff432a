import type { GatewayConfig } from './config/gateway-config.ts';
import type { Backends } from './ports/backend.ts';
import type { Telemetry } from './ports/telemetry.ts';

/** Only the chosen ones: the drivers of MongoDB and Redis are half of the program. */
export async function loadBackends({
  backend,
  backendTimeoutMs: timeoutMs,
  nodeId,
}: GatewayConfig): Promise<(telemetry: Telemetry) => Backends> {
  switch (backend.mode) {
    case 'embedded': {
      const [{ openEmbeddedStores }, { openEmbeddedRelay }] = await Promise.all([
        import('./adapters/embedded/open-embedded-stores.ts'),
        import('./adapters/embedded/open-embedded-relay.ts'),
      ]);
      return (telemetry) => ({
        stores: openEmbeddedStores({ ...backend, telemetry }),
        relay: openEmbeddedRelay({ telemetry }),
      });
    }
    case 'cluster': {
      const [{ openMongo }, { openRedis }] = await Promise.all([
        import('./adapters/mongo/open-mongo.ts'),
        import('./adapters/redis/open-redis.ts'),
      ]);
      return (telemetry) => ({
        stores: openMongo({ url: backend.mongoUrl, timeoutMs, telemetry }),
        relay: openRedis({ target: backend.redis, timeoutMs, nodeId, telemetry }),
      });
    }
    default:
      return backend satisfies never;
  }
}
