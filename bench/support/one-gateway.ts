import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, startGateway } from '../../test/support/cluster/gateway-process.ts';
import { ratesOff } from '../../test/support/cluster/patience.ts';
import { databaseUrl } from '../../test/support/cluster/test-cluster.ts';
import { mongoName, startMongoServer } from '../../test/support/services/mongo-server.ts';
import { startRedisServer } from '../../test/support/services/redis-server.ts';
import { s3Settings, startS3Server } from '../../test/support/services/s3-server.ts';

const KINDS = ['embedded', 'cluster', 'bucket'] as const;
/** `bucket`: a cluster with its files in one. */
export type Kind = (typeof KINDS)[number];

/** The stand-in for MongoDB stops now and then for longer than the default deadline of a request. */
export const patient = { BACKEND_TIMEOUT_MS: '10000' };

/** One deployment of gateways with every rate off, which wait longer for their services than by default. */
export interface Deployment extends AsyncDisposable {
  readonly kind: Kind;
  /** What stores: figures depend on it. */
  readonly store: string;
  /** Starts a gateway on it; stops it first when it is embedded and runs. */
  start(environment?: Readonly<Record<string, string>>): Promise<GatewayProcess>;
}

export async function deploy(kind: Kind): Promise<Deployment> {
  if (kind === 'embedded') return deployEmbedded();
  return kind === 'cluster' ? deployCluster() : deployWithBucket();
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

async function deployWithBucket(): Promise<Deployment> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-bench-s3-'));
  const s3 = await startS3Server({ dir });
  const cluster = await deployCluster();
  const settings = s3Settings(s3.target);
  return {
    kind: 'bucket',
    store: `${cluster.store} and versitygw`,
    start: (environment) => cluster.start({ ...settings, ...environment }),
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      await s3.stop();
      rmSync(dir, { recursive: true, force: true });
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
  return list.split(',').map((text) => {
    const kind = KINDS.find((known) => known === text);
    if (kind === undefined) throw new Error(`${text} is none of ${KINDS.join(', ')}`);
    return kind;
  });
}
