import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectOwnCopies,
  gather,
  registerAll,
  talkAllAtOnce,
  untilOnline,
} from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { type RedisCluster, startRedisCluster } from '../support/services/redis-cluster.ts';

let redis: RedisCluster;
let cluster: TestCluster;
let urls: readonly string[];

beforeAll(async () => {
  redis = await startRedisCluster();
  cluster = await startCluster({ gateways: 2, env: { REDIS_URL: redis.url } });
  urls = cluster.gateways.map(({ url }) => url);
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await redis.stop();
});

test('on a Redis Cluster people on two nodes read one order, each from a copy of their own', async () => {
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], urls);
  const conversation = await gather('Lobby', devices);
  await untilOnline(conversation.rooms.values(), 3);
  await talkAllAtOnce(conversation, 15);
  expectOwnCopies(conversation.rooms.get('Ann') ?? expect.unreachable(), devices);
});

test('rooms on all shards of a Redis Cluster carry talk and presence at the same time', async () => {
  await using people = new People();
  const [dan, eve] = await registerAll(people, ['Dan', 'Eve'], urls);
  if (dan === undefined || eve === undefined) expect.unreachable();
  const names = Array.from({ length: 12 }, (_, i) => `Shard${i}`);
  const conversations = await Promise.all(names.map((name) => gather(name, [dan, eve])));
  await Promise.all(conversations.map((conversation) => talkAllAtOnce(conversation, 3)));
  await Promise.all(conversations.map(({ rooms }) => untilOnline(rooms.values(), 2)));
  await eve.client.close();
  const left = conversations.map(({ rooms }) => rooms.get('Dan') ?? expect.unreachable());
  await untilOnline(left, 1);
});
