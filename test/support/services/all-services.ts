import { type MongoServer, startMongoServer } from './mongo-server.ts';
import { type RedisCluster, startRedisCluster } from './redis-cluster.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

/** The variables through which tests find the services that they share. */
export interface ServiceUrls {
  readonly TEST_REDIS_URL: string;
  readonly TEST_REDIS_CLUSTER_URL: string;
  readonly TEST_MONGODB_URL: string;
}

export interface Services extends AsyncDisposable {
  readonly urls: ServiceUrls;
}

/** Starts what `given` does not already name. Disposing stops only what was started here. */
export async function startServices(given: Partial<Record<keyof ServiceUrls, string>>): Promise<Services> {
  const started: Array<RedisServer | RedisCluster | MongoServer> = [];
  const keep = async (starting: Promise<RedisServer | RedisCluster | MongoServer>): Promise<string> => {
    const server = await starting;
    started.push(server);
    return server.url;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  // All are awaited before a failure is thrown, else one that comes up later would stay.
  const [redis, cluster, mongo] = await Promise.allSettled([
    given.TEST_REDIS_URL ?? keep(startRedisServer()),
    given.TEST_REDIS_CLUSTER_URL ?? keep(startRedisCluster()),
    given.TEST_MONGODB_URL ?? keep(startMongoServer()),
  ]);
  try {
    return {
      urls: {
        TEST_REDIS_URL: urlOf(redis),
        TEST_REDIS_CLUSTER_URL: urlOf(cluster),
        TEST_MONGODB_URL: urlOf(mongo),
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function urlOf(outcome: PromiseSettledResult<string>): string {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
