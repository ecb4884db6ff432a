import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { settingsKnownTo } from '../../compat/previous-release.ts';
import { startMongoServer } from '../services/mongo-server.ts';
import { type RedisServer, startRedisServer } from '../services/redis-server.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import { ratesOff } from './patience.ts';

/** Several gateways on one Redis of their own and one database of their own. */
export interface TestCluster extends AsyncDisposable {
  readonly redis: RedisServer;
  /** A private MongoDB-wire server when `ownMongo` was asked for; the shared one can't be stopped. */
  readonly mongo: Awaited<ReturnType<typeof startMongoServer>> | undefined;
  readonly mongoUrl: string;
  readonly gateways: readonly GatewayProcess[];
  /** Starts one more, of another build with `folder`; it is stopped with the others. */
  add(env?: Readonly<Record<string, string>>, folder?: string): Promise<GatewayProcess>;
}

export interface ClusterOptions {
  readonly gateways: number;
  readonly ownMongo?: boolean;
  /** For every gateway, without the prefix; wins over rates that are off. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of another build, for the first gateways. */
  readonly folder?: string;
}

export async function startCluster(options: ClusterOptions): Promise<TestCluster> {
  const stack = new AsyncDisposableStackLike();
  try {
    const redis = stack.use(await startRedisServer());
    const mongo = options.ownMongo === true ? stack.use(await startMongoServer()) : undefined;
    const mongoUrl = databaseUrl(mongo?.url ?? requiredEnvironment('TEST_MONGODB_URL'));
    // Before the gateways, and so dropped after they have ended.
    if (mongo === undefined) stack.use({ [Symbol.asyncDispose]: () => dropDatabase(mongoUrl) });
    const gateways: GatewayProcess[] = [];
    const add = async (
      env: Readonly<Record<string, string>> = {},
      folder?: string,
    ): Promise<GatewayProcess> => {
      const all = {
        REDIS_URL: redis.url,
        MONGODB_URL: mongoUrl,
        NODE_ID: `node-${gateways.length}`,
        ...ratesOff,
        ...options.env,
        ...env,
      };
      const gateway = stack.use(
        folder === undefined
          ? await startGateway(all)
          : await startGateway(await settingsKnownTo(folder, all), { folder }),
      );
      gateways.push(gateway);
      return gateway;
    };
    // One after the other, so that the first makes the indexes and the secrets alone, as in a first deployment.
    for (let i = 0; i < options.gateways; i += 1) await add({}, options.folder);
    return { redis, mongo, mongoUrl, gateways, add, [Symbol.asyncDispose]: () => stack.disposeAll() };
  } catch (error) {
    await stack.disposeAll();
    throw error;
  }
}

/** A fresh database on that server. */
export function databaseUrl(serverUrl: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/e2e_${randomBytes(6).toString('hex')}`;
  return url.toString();
}

/** A server that keeps the databases of all tests gets slower with each. */
export async function dropDatabase(url: string): Promise<void> {
  await using client = new MongoClient(url);
  await client.db().dropDatabase();
}

function requiredEnvironment(key: string): string {
  const value = process.env[key];
  if (value === undefined) throw new Error(`${key} is not set: run npm test, or npm run services`);
  return value;
}

/** Disposes in reverse; Node 20 has no AsyncDisposableStack. */
class AsyncDisposableStackLike {
  readonly #resources: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.#resources.push(resource);
    return resource;
  }

  async disposeAll(): Promise<void> {
    for (const resource of this.#resources.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  }
}
