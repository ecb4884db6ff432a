import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type RedisServer, startRedisServer } from '../support/services/redis-server.ts';
import { freePort } from '../support/services/server-process.ts';
import { makeSecrets } from './redis-access.ts';

const run = promisify(execFile);

test('the job of the large overlay makes a Redis Cluster of six nodes with replicas, and does nothing again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-redis-job-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const { aclFile } = await makeSecrets(dir);
  const secret = (name: string): string => readFileSync(join(dir, name), 'utf8');
  const nodes: RedisServer[] = [];
  onTestFinished(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  });
  for (let i = 0; i < 6; i += 1) {
    const cluster = ['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`];
    const following = ['--masteruser', 'replica', '--masterauth', secret('redis-replica-password')];
    const config = ['--include', join(process.cwd(), 'deploy/redis/redis.conf'), '--aclfile', aclFile];
    nodes.push(await startRedisServer({ args: [...config, ...cluster, ...following] }));
  }
  const admin = { ...process.env, REDISCLI_AUTH: secret('redis-admin-password') };
  const env = { ...admin, NODES: nodes.map(({ port }) => `127.0.0.1:${port}`).join(' ') };
  await run('deploy/redis/create-cluster.sh', [], { env });
  const ask = async (port: number, ...command: string[]): Promise<string> => {
    const args = ['--user', 'admin', '--no-auth-warning', '-p', `${port}`, ...command];
    return (await run('redis-cli', args, { env: admin })).stdout;
  };
  await eventually(async () => {
    const roles = await Promise.all(nodes.map(({ port }) => ask(port, 'INFO', 'replication')));
    expect(roles.filter((text) => text.includes('role:master')).length).toBe(3);
    expect(roles.filter((text) => text.includes('master_link_status:up')).length).toBe(3);
    for (const { port } of nodes) expect(await ask(port, 'CLUSTER', 'INFO')).toContain('cluster_state:ok');
  });
  expect((await run('deploy/redis/create-cluster.sh', [], { env })).stdout).toContain('the cluster is there');
});
