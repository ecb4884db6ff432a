import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { askRedis, type RedisServer, redisArguments } from './redis-server.ts';
import { freePort, startServer } from './server-process.ts';

export interface RedisCluster extends AsyncDisposable {
  /** `redis+cluster://127.0.0.1:P1,127.0.0.1:P2,…` */
  readonly url: string;
  /** Masters first, as they were made; then the replicas, if there are any. */
  readonly nodes: readonly RedisServer[];
  /**
   * Kills the first master that runs and has a replica. Gives it when the replica has taken its slots over: until then
   * the whole cluster refuses.
   */
  failOver(): Promise<RedisServer>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const formDeadlineMs = 20_000;

export interface RedisClusterOptions {
  readonly masters?: number;
  /** Of each master. */
  readonly replicas?: number;
}

/** A real Redis Cluster on this machine; resolves when every node sees all slots served, and all replicas in step. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { masters = 3, replicas = 0 } = options;
  const nodeCount = masters * (1 + replicas);
  const nodes: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (let index = 0; index < nodeCount; index += 1) nodes.push(await startClusterNode());
    const addresses = nodes.map((node) => `127.0.0.1:${node.port}`);
    const wanted = ['--cluster-replicas', `${replicas}`, '--cluster-yes'];
    await run('redis-cli', ['--cluster', 'create', ...addresses, ...wanted]);
    await Promise.all(nodes.map((node) => untilFormed(node.port, nodeCount)));
    await Promise.all(nodes.slice(masters).map(({ port }) => untilRole(port, 'master_link_status:up')));
    return {
      url: `redis+cluster://${addresses.join(',')}`,
      nodes,
      failOver: () => failOver(nodes),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function failOver(nodes: readonly RedisServer[]): Promise<RedisServer> {
  for (const replica of nodes) {
    const role = await askRedis(replica.port, 'INFO replication', 'role:').catch(() => '');
    const masterPort = Number(/role:slave[\s\S]*master_port:(\d+)/.exec(role)?.[1]);
    const master = nodes.find(({ port }) => port === masterPort);
    if (master === undefined) continue;
    await master.kill();
    await untilRole(replica.port, 'role:master');
    await untilFormed(replica.port, nodes.length);
    return master;
  }
  throw new Error('no master of the Redis Cluster has a replica');
}

/** Waits until what a node says about its replication contains this. */
async function untilRole(port: number, said: string): Promise<void> {
  const deadline = Date.now() + formDeadlineMs;
  for (;;) {
    const info = await askRedis(port, 'INFO replication', 'role:');
    if (info.includes(said)) return;
    if (Date.now() > deadline) throw new Error(`${said} is not to be seen:\n${info}`);
    await pause(50);
  }
}

async function startClusterNode(): Promise<RedisServer> {
  // The default bus port is the port + 10000, which need not exist or be free.
  const busPort = await freePort();
  return startServer(
    {
      name: 'redis-cluster',
      command: (port, dir) => [
        'redis-server',
        ...redisArguments(port, dir),
        ...['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-node-timeout', '2000'],
      ],
      url: (port) => `redis://127.0.0.1:${port}`,
      probe: async (port) => {
        await askRedis(port, 'PING', '+PONG');
      },
    },
    {},
  );
}

async function untilFormed(port: number, nodeCount: number): Promise<void> {
  const deadline = Date.now() + formDeadlineMs;
  for (;;) {
    const info = await askRedis(port, 'CLUSTER INFO', 'cluster_known_nodes');
    if (info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodeCount}`)) return;
    if (Date.now() > deadline) throw new Error(`the Redis Cluster does not form:\n${info}`);
    await pause(50);
  }
}
