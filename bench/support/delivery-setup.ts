import { type RedisServer, startRedisServer } from '../../test/support/services/redis-server.ts';
import type { Conditions, Contestant, Deliverer } from '../contestants/contestant.ts';

/** As in deploy/redis: the default cuts off a node that is 32 MB behind, which is 600 messages to 200 members. */
const redisArguments = ['--client-output-buffer-limit', 'pubsub 268435456 134217728 60'];

export interface DeliverySetup extends AsyncDisposable {
  readonly redis: RedisServer;
  readonly deliverers: readonly Deliverer[];
}

/** All of them on one Redis, connected and waiting; who cannot take part is left out, and `say` says why. */
export async function setUpDelivery(
  contestants: readonly Contestant[],
  options: Pick<Conditions, 'members' | 'ciphertextBytes' | 'say'>,
): Promise<DeliverySetup> {
  const resources: AsyncDisposable[] = [];
  const use = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
    resources.push(resource);
    return resource;
  };
  const dispose = async (): Promise<void> => {
    for (const resource of resources.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  };
  try {
    const redis = use(await startRedisServer({ args: redisArguments }));
    const conditions = { ...options, redisPort: redis.port, redisUrl: redis.url };
    const deliverers: Deliverer[] = [];
    for (const { name, enter } of contestants) {
      const entered = await enter(conditions, use);
      if (typeof entered === 'string') options.say(`${name} takes no part. ${entered}`);
      else deliverers.push(entered);
    }
    return { redis, deliverers, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
