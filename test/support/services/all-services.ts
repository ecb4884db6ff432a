import { startMongoServer } from './mongo-server.ts';
import { startRedisCluster } from './redis-cluster.ts';
import { startRedisServer } from './redis-server.ts';

/** The variables through which tests find the services that they share. */
export interface ServiceUrls {
  readonly TEST_REDIS_URL: string;
  readonly TEST_REDIS_CLUSTER_URL: string;
  readonly TEST_MONGODB_URL: string;
}

export interface Services extends AsyncDisposable {
  readonly urls: ServiceUrls;
}

interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts what `given` does not already name. Disposing stops only what was started here. */
export async function startServices(given: Partial<Record<keyof ServiceUrls, string>>): Promise<Services> {
  const started: Service[] = [];
  const urlOf = async (givenUrl: string | undefined, start: () => Promise<Service>): Promise<string> => {
    if (givenUrl !== undefined) return givenUrl;
    const service = await start();
    started.push(service);
    return service.url;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(started.map((service) => service.stop()));
  };
  const starting = [
    urlOf(given.TEST_REDIS_URL, startRedisServer),
    urlOf(given.TEST_REDIS_CLUSTER_URL, startRedisCluster),
    urlOf(given.TEST_MONGODB_URL, startMongoServer),
  ] as const;
  try {
    // All are awaited before a failure is thrown, else one that comes up later would stay.
    await Promise.allSettled(starting);
    const [TEST_REDIS_URL, TEST_REDIS_CLUSTER_URL, TEST_MONGODB_URL] = await Promise.all(starting);
    return {
      urls: { TEST_REDIS_URL, TEST_REDIS_CLUSTER_URL, TEST_MONGODB_URL },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
