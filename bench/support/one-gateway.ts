import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, startGateway } from '../../test/support/cluster/gateway-process.ts';
import { databaseUrl, ratesOff } from '../../test/support/cluster/test-cluster.ts';
import { mongoName, startMongoServer } from '../../test/support/services/mongo-server.ts';
import { startRedisServer } from '../../test/support/services/redis-server.ts';

export type Kind = 'embedded' | 'cluster';

/** The stand-in for MongoDB stops now and then for longer than the default deadline of a request. */
const patient = { BACKEND_TIMEOUT_MS: '10000' };

/** One deployment of gateways with every rate off, which wait longer for their services than by default. */
export interface Deployment extends AsyncDisposable {
  readonly kind: Kind;
  /** What stores: figures depend on it. */
  readonly store: string;
  /** Starts a gateway on it; stops it first when it is embedded and runs. */
  start(environment?: Readonly<Record<string, string>>): Promise<GatewayProcess>;
}

export async function deploy(kind: Kind): Promise<Deployment> {
  return kind === 'embedded' ? deployEmbedded() : deployCluster();
}

function deployEmbedded(): Deployment {
  const dataDir = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
  let running: GatewayProcess | undefined;
  return {
    kind: 'embedded',
    store: 'LMDB',
    start: async (environment = {}) => {
      await running?.interrupt();
      running = await startGateway({ ...ratesOff, ...patient, DATA_DIR: dataDir, ...environment });
      return running;
    },
    [Symbol.asyncDispose]: async () => {
      await running?.[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function deployCluster(): Promise<Deployment> {
  const redis = await startRedisServer();
  const mongo = await startMongoServer();
  const services = { REDIS_URL: redis.url, MONGODB_URL: databaseUrl(mongo.url) };
  const gateways: GatewayProcess[] = [];
  return {
    kind: 'cluster',
    store: mongoName(),
    start: async (environment = {}) => {
      const gateway = await startGateway({ ...ratesOff, ...patient, ...services, ...environment });
      gateways.push(gateway);
      return gateway;
    },
    [Symbol.asyncDispose]: async () => {
      for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
      await mongo.stop();
      await redis.stop();
    },
  };
}

export function kindsOf(list: string): Kind[] {
  return list.split(',').map((kind) => {
    if (kind !== 'embedded' && kind !== 'cluster') throw new Error(`${kind} is neither embedded nor cluster`);
    return kind;
  });
}
