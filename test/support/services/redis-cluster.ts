import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { askRedis, type RedisServer, redisArguments } from './redis-server.ts';
import { freePort, startServer } from './server-process.ts';

export interface RedisCluster extends AsyncDisposable {
  /** `redis+cluster://127.0.0.1:P1,127.0.0.1:P2,…` */
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

const run = promisify(execFile);
const formDeadlineMs = 20_000;

/** A real Redis Cluster of masters on this machine; resolves when every node sees all slots served. */
export async function startRedisCluster(nodeCount = 3): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (let index = 0; index < nodeCount; index += 1) nodes.push(await startClusterNode());
    const addresses = nodes.map((node) => `127.0.0.1:${node.port}`);
    await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
    await Promise.all(nodes.map((node) => untilFormed(node.port, nodeCount)));
    return { url: `redis+cluster://${addresses.join(',')}`, nodes, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
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
