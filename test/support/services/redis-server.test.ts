import { expect, test } from 'vitest';
import { startRedisCluster } from './redis-cluster.ts';
import { askRedis, startRedisServer } from './redis-server.ts';

test('a killed Redis refuses connections and is back on the same port after a restart', async () => {
  await using redis = await startRedisServer();
  const { port, pid } = redis;
  await redis.kill();
  await expect(askRedis(port, 'PING', '+PONG')).rejects.toThrow();
  await redis.restart();
  await expect(askRedis(port, 'PING', '+PONG')).resolves.toContain('+PONG');
  expect(redis.pid).not.toBe(pid);
  expect(redis.port).toBe(port);
});

test('a paused Redis does not answer until it is resumed', async () => {
  await using redis = await startRedisServer();
  redis.pause();
  await expect(askRedis(redis.port, 'PING', '+PONG')).rejects.toThrow('in time');
  redis.resume();
  await expect(askRedis(redis.port, 'PING', '+PONG')).resolves.toContain('+PONG');
});

test('a server that cannot start names the reason from its log', async () => {
  await expect(startRedisServer({ port: 70_000 })).rejects.toThrow(/port/i);
});

test('a cluster of three masters serves all slots', async () => {
  await using cluster = await startRedisCluster();
  expect(cluster.url).toMatch(/^redis\+cluster:\/\/127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+){2}$/);
  for (const node of cluster.nodes) {
    await expect(askRedis(node.port, 'CLUSTER INFO', 'cluster_size:3')).resolves.toContain(
      'cluster_state:ok',
    );
  }
});
