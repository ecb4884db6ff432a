import { randomUUID } from 'node:crypto';
import { openRedis, type RedisBackendOptions } from '../../src/adapters/redis/open-redis.ts';
import type { presenceTiming } from '../../src/adapters/redis/redis-presence.ts';
import { redisUrl } from '../../src/config/redis-target.ts';
import type { RelayBackend } from '../../src/ports/backend.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import type { OpenRelayPair } from './support-relay.ts';

/** Leases as short as a busy test machine allows; everything else as in production. */
export const quickTiming: typeof presenceTiming = {
  leaseMs: 1500,
  refreshMs: 400,
  reapMs: 200,
  graceMs: 600,
};

/** Where time is not the point: a busy machine must not fail what is right. */
export const patient = { timeoutMs: 5_000 } as const;

/** A node on the Redis of a URL, not started. Nodes with one prefix form a cluster. */
export function redisNode(url: string, options: Partial<RedisBackendOptions> = {}): RelayBackend {
  const parsed = redisUrl.parse(url);
  if ('fault' in parsed) throw new TypeError(`${url} ${parsed.fault}`);
  return openRedis({
    target: parsed.value,
    timeoutMs: 450,
    nodeId: 'test',
    telemetry: silentTelemetry(),
    timing: quickTiming,
    ...options,
  });
}

/** Two started nodes, with keys of their own. */
export function redisPair(url: string, options: Partial<RedisBackendOptions> = {}): OpenRelayPair {
  return async () => {
    const shared = { prefix: `test:${randomUUID()}:`, ...options };
    const [a, b] = [redisNode(url, shared), redisNode(url, shared)];
    await Promise.all([a.start(), b.start()]);
    const dispose = async (): Promise<void> => {
      await Promise.all([a.close(), b.close()]);
    };
    return { a, b, [Symbol.asyncDispose]: dispose };
  };
}
