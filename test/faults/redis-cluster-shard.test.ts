import { expect, test } from 'vitest';
import type { RoomId } from '../../src/protocol/ids.ts';
import { gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { type RedisCluster, startRedisCluster } from '../support/services/redis-cluster.ts';
import { askRedis, type RedisServer } from '../support/services/redis-server.ts';

/** The node that holds the room's clock. */
async function shardOf({ nodes }: RedisCluster, room: RoomId): Promise<RedisServer> {
  for (const node of nodes) {
    const answer = await askRedis(node.port, `EXISTS conclave:clock:{${room}}`, '\r\n');
    if (answer.startsWith(':1')) return node;
  }
  throw new Error('no node holds the clock of the room');
}

test('a shard of a Redis Cluster that is killed and comes back empty costs no message in any room', async () => {
  await using redis = await startRedisCluster();
  await using cluster = await startCluster({ gateways: 2, env: { REDIS_URL: redis.url } });
  await using people = new People();
  const urls = cluster.gateways.map(({ url }) => url);
  const devices = await registerAll(people, ['Fay', 'Gil'], urls);
  const names = Array.from({ length: 6 }, (_, i) => `Lost${i}`);
  const conversations = await Promise.all(names.map((name) => gather(name, devices)));
  const chatters = conversations.map(({ oracle, rooms }) => oracle.chatter(rooms));
  const allGoOn = async (more: number): Promise<void> => {
    await Promise.all(chatters.map((chatter) => chatter.everyoneSays(more)));
  };
  await allGoOn(4);
  const shard = await shardOf(redis, conversations[0]?.rooms.get('Fay')?.id ?? expect.unreachable());
  await shard.kill();
  await shard.restart();
  await allGoOn(6);
  await Promise.all(chatters.map((chatter) => chatter.stop()));
  await Promise.all(conversations.map(({ oracle }) => oracle.verify()));
  await Promise.all(conversations.map(({ rooms }) => untilOnline(rooms.values(), 2)));
});
