import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '../eventually.ts';
import { askRedis, type RedisServer, startRedisServer } from './redis-server.ts';
import { freePort } from './server-process.ts';

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
const FORM_DEADLINE_MS = 60_000;

const MASTERS = 3;

/**
 * A real Redis Cluster of three masters on this machine, with so many replicas of each; resolves when every node sees all slots
 * served, and all replicas in step.
 */
export async function startRedisCluster({ replicas = 0 } = {}): Promise<RedisCluster> {
  const nodeCount = MASTERS * (1 + replicas);
  const nodes: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    // The default bus port is the port + 10000, which need not exist or be free.
    for (let index = 0; index < nodeCount; index += 1) nodes.push(await startClusterNode(await freePort()));
    const addresses = nodes.map((node) => `127.0.0.1:${node.port}`);
    const wanted = ['--cluster-replicas', `${replicas}`, '--cluster-yes'];
    await run('redis-cli', ['--cluster', 'create', ...addresses, ...wanted]);
    await Promise.all(nodes.map((node) => untilFormed(node.port, nodeCount)));
    await Promise.all(nodes.slice(MASTERS).map(({ port }) => untilRole(port, 'master_link_status:up')));
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

function startClusterNode(busPort: number): Promise<RedisServer> {
  const cluster = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`];
  return startRedisServer({ args: [...cluster, '--cluster-node-timeout', '2000'] });
}

/** Waits until what a node says about its replication contains this. */
function untilRole(port: number, said: string): Promise<void> {
  return untilSaid(port, 'INFO replication', 'role:', [said]);
}

function untilFormed(port: number, nodeCount: number): Promise<void> {
  const said = ['cluster_state:ok', `cluster_known_nodes:${nodeCount}`];
  return untilSaid(port, 'CLUSTER INFO', 'cluster_known_nodes', said);
}

function untilSaid(port: number, command: string, begin: string, said: readonly string[]): Promise<void> {
  return eventually(
    async () => {
      const info = await askRedis(port, command, begin);
      const missing = said.filter((each) => !info.includes(each));
      if (missing.length > 0)
        throw new Error(`no ${missing.join(', ')} in the answer to ${command}:\n${info}`);
    },
    { deadlineMs: FORM_DEADLINE_MS, pauseMs: 50 },
  );
}
