import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { roomChannel } from '../../src/core/publisher.ts';
import type { RelayBackend } from '../../src/ports/backend.ts';
import type { Channel } from '../../src/ports/broker.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { newRoom, newUser } from '../contract/support-relay.ts';
import { redisPair } from '../contract/support-relay-redis.ts';
import { eventually } from '../support/eventually.ts';
import { startRedisCluster } from '../support/services/redis-cluster.ts';
import { askRedis, type RedisServer, startRedisServer } from '../support/services/redis-server.ts';
import { freePort, startServer } from '../support/services/server-process.ts';

const failoverDeadlineMs = 25_000;

const untilUp = (node: RelayBackend): Promise<void> =>
  eventually(() => expect(node.isUp()).toBe(true), { deadlineMs: failoverDeadlineMs });

const untilReplicates = (replica: RedisServer): Promise<unknown> =>
  eventually(() => askRedis(replica.port, 'INFO replication', 'master_link_status:up'), {
    deadlineMs: failoverDeadlineMs,
    pauseMs: 100,
  });

/** Subscribes on one node, and gives what tells that all channels were heard again since it was called. */
async function listen(
  pair: { a: RelayBackend; b: RelayBackend },
  count: number,
): Promise<() => Promise<void>> {
  const channels = Array.from({ length: count }, () => roomChannel(newRoom()));
  const heard = new Set<Channel>();
  for (const channel of channels) await pair.b.broker.subscribe(channel, () => heard.add(channel));
  return async () => {
    heard.clear();
    await eventually(
      async () => {
        await Promise.all(channels.map((channel) => pair.a.broker.publish(channel, utf8('x'))));
        expect(heard.size).toBe(count);
      },
      { deadlineMs: failoverDeadlineMs, pauseMs: 100 },
    );
  };
}

async function untilOnlineEverywhere(
  node: RelayBackend,
  rooms: readonly ReturnType<typeof newRoom>[],
): Promise<void> {
  await eventually(
    async () => {
      const states = await node.presence.inRooms(rooms, 10);
      expect(states.map(({ online }) => online)).toEqual(rooms.map(() => 1));
    },
    { deadlineMs: failoverDeadlineMs },
  );
}

/** Watches one master, and needs no other Sentinel's consent. */
function startSentinel(masterPort: number): Promise<RedisServer> {
  return startServer(
    {
      name: 'sentinel',
      command: (port, dir) => {
        const config = join(dir, 'sentinel.conf');
        const lines = [
          `port ${port}`,
          'bind 127.0.0.1',
          `sentinel monitor chat 127.0.0.1 ${masterPort} 1`,
          'sentinel down-after-milliseconds chat 1000',
          'sentinel failover-timeout chat 3000',
        ];
        writeFileSync(config, `${lines.join('\n')}\n`);
        return ['redis-server', config, '--sentinel'];
      },
      url: (port) => `redis+sentinel://127.0.0.1:${port}/chat`,
      probe: async (port) => {
        await askRedis(port, 'PING', '+PONG');
      },
    },
    {},
  );
}

test('when Sentinels name another master, nodes follow it', async () => {
  await using master = await startRedisServer();
  await using replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', `${master.port}`] });
  await untilReplicates(replica);
  await using sentinel = await startSentinel(master.port);
  await eventually(() => askRedis(sentinel.port, 'SENTINEL MASTER chat', `num-slaves\r\n$1\r\n1`), {
    deadlineMs: failoverDeadlineMs,
    pauseMs: 200,
  });
  await using pair = await redisPair(sentinel.url)();
  const rooms = Array.from({ length: 20 }, newRoom);
  await pair.a.presence.setInRooms(
    rooms,
    newUser(),
    rooms.map(() => 1),
  );
  const untilAllHeard = await listen(pair, 20);
  await untilAllHeard();
  const gaps = vi.fn();
  pair.b.broker.onGap(gaps);
  await master.kill();
  await eventually(() => expect(pair.b.isUp()).toBe(false), { deadlineMs: failoverDeadlineMs });
  await untilUp(pair.a);
  await untilUp(pair.b);
  expect(gaps).toHaveBeenCalled();
  await untilAllHeard();
  await untilOnlineEverywhere(pair.b, rooms);
});

/** Adds a replica of the cluster's first master. */
async function addReplica(master: RedisServer): Promise<RedisServer> {
  const busPort = await freePort();
  const args = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-node-timeout', '2000'];
  const replica = await startRedisServer({ args });
  const [joining, first] = [new Redis(replica.port), new Redis(master.port)];
  const masterId = String(await first.call('CLUSTER', 'MYID'));
  await first.call('CLUSTER', 'MEET', '127.0.0.1', replica.port, busPort);
  await eventually(() => joining.call('CLUSTER', 'REPLICATE', masterId), { deadlineMs: failoverDeadlineMs });
  joining.disconnect();
  first.disconnect();
  await untilReplicates(replica);
  return replica;
}

test("when a cluster's master dies, nodes follow its replica", async () => {
  await using cluster = await startRedisCluster();
  const [master] = cluster.nodes;
  if (master === undefined) throw new Error('the cluster has no node');
  await using _replica = await addReplica(master);
  await using pair = await redisPair(cluster.url)();
  const rooms = Array.from({ length: 40 }, newRoom);
  await pair.a.presence.setInRooms(
    rooms,
    newUser(),
    rooms.map(() => 1),
  );
  const untilAllHeard = await listen(pair, 40);
  await untilAllHeard();
  const gaps = vi.fn();
  pair.b.broker.onGap(gaps);
  await master.kill();
  // Two shards of three go on, so that the nodes stay ready; channels of the third are silent until they were found again.
  await eventually(() => expect(gaps).toHaveBeenCalled(), { deadlineMs: failoverDeadlineMs });
  await untilUp(pair.a);
  await untilUp(pair.b);
  await untilAllHeard();
  expect(gaps).toHaveBeenCalled();
  await untilOnlineEverywhere(pair.b, rooms);
});
