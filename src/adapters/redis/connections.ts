import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisTarget } from '../../ports/targets.ts';
import type { ClusterTarget, SingleTarget } from './redis-target.ts';
import { cutWhenSilent } from './silence-guard.ts';

export type RedisClient = Redis | Cluster;

const CONNECT_TIMEOUT_MS = 1000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2000;
/** A connection that was given up is torn down after this, whatever waits in its buffer: memory stays flat. */
const DISCONNECT_TIMEOUT_MS = 100;
/** Redirections within one request of a cluster; with the pause before each they stay within REDIRECT_BUDGET_MS. */
const CLUSTER_REDIRECTIONS_MAX = 3;
const REDIRECT_PAUSE_MS = 30;
export const REDIRECT_BUDGET_MS: number = CLUSTER_REDIRECTIONS_MAX * REDIRECT_PAUSE_MS;

const ownReconnects = { enableOfflineQueue: false, retryStrategy: retryPauseMs };

/** Full jitter, so that nodes don't come back to a restarted Redis all at once. */
function retryPauseMs(attempt: number): number {
  return Math.random() * Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(attempt, 10));
}

/**
 * With ioredis's defaults, publishes in flight are sent twice after a reconnect, requests pile up without bound while
 * Redis is away, and one to a stopped Redis hangs. Here each fails within the command timeout, is never sent again, and
 * a connection that answers nothing is cut (cutWhenSilent), so what waits in its buffer is freed.
 */
export interface ConnectionSettings {
  readonly commandTimeoutMs: number;
  /** Shown by CLIENT LIST. */
  readonly nodeId: string;
}

type SharedOptions = Omit<RedisOptions, 'replyMapping' | 'retryStrategy' | 'enableOfflineQueue'>;

function sharedOptions(target: RedisTarget, settings: ConnectionSettings): SharedOptions {
  const { commandTimeoutMs } = settings;
  return {
    // CLIENT SETNAME takes printable characters without spaces.
    connectionName: `conclave:${settings.nodeId.replace(/[^!-~]/g, '_')}`,
    // RESP2 costs less per received message than RESP3, and nothing of RESP3 is needed.
    protocol: 2,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    // A master that became a replica refuses writes: connect again, to the one that is master now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(target.username !== undefined && { username: target.username }),
    ...(target.password !== undefined && { password: target.password }),
    ...(target.tls && { tls: {} }),
  };
}

/** One connection to a server, or to the master that Sentinels name. Not connected yet. */
export function singleClient(target: SingleTarget, settings: ConnectionSettings): Redis {
  const options = { ...sharedOptions(target, settings), ...ownReconnects };
  if (target.kind === 'standalone')
    return guarded(new Redis({ ...options, host: target.host, port: target.port, db: target.db }));
  const client = new Redis({
    ...options,
    sentinels: target.sentinels.map(({ host, port }) => ({ host, port })),
    name: target.master,
    sentinelCommandTimeout: settings.commandTimeoutMs,
    sentinelRetryStrategy: retryPauseMs,
    ...(target.tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
  });
  return guarded(client);
}

function guarded(client: Redis): Redis {
  cutWhenSilent(client);
  return client;
}

/** One connection to one node of a cluster, for its shard's channels. */
export function shardClient(
  target: ClusterTarget,
  host: string,
  port: number,
  settings: ConnectionSettings,
): Redis {
  return guarded(new Redis({ ...sharedOptions(target, settings), ...ownReconnects, host, port }));
}

/** A client of a whole cluster. Not connected yet. */
export function clusterClient(target: ClusterTarget, settings: ConnectionSettings): Cluster {
  const cluster = new Cluster(
    target.nodes.map(({ host, port }) => ({ host, port })),
    {
      redisOptions: sharedOptions(target, settings),
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: retryPauseMs,
      maxRedirections: CLUSTER_REDIRECTIONS_MAX,
      retryDelayOnFailover: REDIRECT_PAUSE_MS,
      retryDelayOnClusterDown: REDIRECT_PAUSE_MS,
      retryDelayOnTryAgain: REDIRECT_PAUSE_MS,
      slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
      slotsRefreshInterval: 5000,
      // Certificates name hosts, not addresses.
      ...(target.tls && { dnsLookup: (address, callback) => callback(null, address) }),
    },
  );
  cluster.on('+node', cutWhenSilent);
  return cluster;
}
