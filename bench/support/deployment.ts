import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type GatewayOptions,
  type GatewayProcess,
  startGateway,
} from '../../test/support/cluster/gateway-process.ts';
import { ratesOff } from '../../test/support/cluster/patience.ts';
import { databaseUrl } from '../../test/support/cluster/test-cluster.ts';
import { mongoName, startMongoServer } from '../../test/support/services/mongo-server.ts';
import { startRedisServer } from '../../test/support/services/redis-server.ts';
import { s3Settings, startS3Server } from '../../test/support/services/s3-server.ts';

const KINDS = ['embedded', 'cluster', 'bucket'] as const;
/** `bucket`: a cluster with its files in one. */
export type Kind = (typeof KINDS)[number];

/** The stand-in for MongoDB sometimes stops for longer than the default deadline of a request. */
export const patient = { BACKEND_TIMEOUT_MS: '10000' };

/** Where gateways with every rate off run, on services of their own. */
export interface Deployment extends AsyncDisposable {
  readonly kind: Kind;
  /** What stores: figures depend on it. */
  readonly store: string;
  /** What leads a gateway to its services. */
  readonly settings: Readonly<Record<string, string>>;
  /** For whatever else the bench writes; deleted with the deployment. */
  readonly folder: string;
  /** Starts a gateway; an embedded one replaces the one before. One of another `folder` gets the settings that it knows. */
  start(environment?: Readonly<Record<string, string>>, options?: GatewayOptions): Promise<GatewayProcess>;
}

export async function deploy(kind: Kind): Promise<Deployment> {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
  const services: AsyncDisposable[] = [];
  const gateways: GatewayProcess[] = [];
  const use = <Service extends AsyncDisposable>(service: Service): Service => {
    services.push(service);
    return service;
  };
  const settings: Record<string, string> = { ...patient };
  if (kind === 'embedded') settings['DATA_DIR'] = join(folder, 'data');
  else {
    settings['REDIS_URL'] = use(await startRedisServer()).url;
    settings['MONGODB_URL'] = databaseUrl(use(await startMongoServer()).url);
  }
  if (kind === 'bucket')
    Object.assign(settings, s3Settings(use(await startS3Server({ dir: join(folder, 'bucket') })).target));
  return {
    kind,
    store: { embedded: 'LMDB', cluster: mongoName(), bucket: `${mongoName()} and versitygw` }[kind],
    settings,
    folder,
    start: async (environment = {}, options = {}) => {
      if (kind === 'embedded') await gateways.pop()?.interrupt();
      const all = { ...ratesOff, ...settings, ...environment };
      const known = options.folder === undefined ? all : knownTo(options.folder, all);
      const gateway = await startGateway(known, options);
      gateways.push(gateway);
      return gateway;
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of [...gateways, ...services.reverse()]) await each[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of these settings, those that the gateway of another checkout has. */
function knownTo(folder: string, settings: Readonly<Record<string, string>>): Record<string, string> {
  const help = execFileSync(process.execPath, [join(folder, 'dist/src/main.js'), '--help'], {
    encoding: 'utf8',
  });
  return Object.fromEntries(Object.entries(settings).filter(([key]) => help.includes(`CONCLAVE_${key} `)));
}

export function kindsOf(list: string): Kind[] {
  return list.split(',').map((text) => {
    const kind = KINDS.find((known) => known === text);
    if (kind === undefined) throw new Error(`${text} is none of ${KINDS.join(', ')}`);
    return kind;
  });
}
