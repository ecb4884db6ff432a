import { expect, test } from 'vitest';
import { gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy } from '../support/hostile/fault-proxy.ts';
import { askRedis, startRedisServer } from '../support/services/redis-server.ts';
import { storedCopies } from './stored-copies.ts';

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

const urlsOf = ({ gateways }: TestCluster): readonly string[] => gateways.map(({ url }) => url);

test('nodes that rebuild a lost clock at once under load lose nothing, and give no position twice', async () => {
  await using cluster = await startCluster({ gateways: 3, ownMongo: true });
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], urlsOf(cluster));
  const { oracle, rooms } = await gather('Flushed', devices);
  const chatter = oracle.chatter(rooms);
  for (let round = 0; round < 2; round += 1) {
    await chatter.everyoneSays(5);
    await askRedis(cluster.redis.port, 'FLUSHALL', '+OK');
  }
  await chatter.everyoneSays(10);
  await chatter.stop();
  await oracle.verify();
  // What the nodes hold in Redis besides is there again within one lease.
  await untilOnline(rooms.values(), 3);
  const stored = await storedCopies(cluster.mongoUrl, present(rooms.get('Ann')).id);
  expect(stored.filter(({ users }) => users.length > 0)).toHaveLength(oracle.acknowledgedCount);
  const reader = await people.login(present(devices[0]).storage.account, present(urlsOf(cluster)[1]));
  oracle.follow(await reader.client.room('Flushed'), 'Ann again', 'joined');
  await oracle.verify();
});

test('a replica that lags behind takes over under load: nothing acknowledged is lost, no position is given twice', async () => {
  await using lagging = await startRedisServer();
  await using cluster = await startCluster({ gateways: 1, ownMongo: true });
  await using one = await FaultProxy.before(cluster.redis.url);
  await using two = await FaultProxy.before(cluster.redis.url);
  const urls = [
    (await cluster.add({ REDIS_URL: one.url })).url,
    (await cluster.add({ REDIS_URL: two.url })).url,
  ];
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid', 'Dan'], urls);
  const { oracle, rooms } = await gather('Failover', devices);
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(10);
  await askRedis(cluster.redis.port, 'CONFIG SET repl-diskless-sync-delay 0', '+OK');
  await askRedis(lagging.port, `REPLICAOF 127.0.0.1 ${cluster.redis.port}`, '+OK');
  await eventually(() => askRedis(lagging.port, 'INFO replication', 'master_link_status:up'));
  // From here on it hears no more: its clocks stay where they are while positions go on.
  await askRedis(lagging.port, 'REPLICAOF NO ONE', '+OK');
  await chatter.everyoneSays(15);
  for (const proxy of [one, two]) proxy.cut();
  for (const proxy of [one, two]) proxy.mend(lagging.url);
  await chatter.everyoneSays(15);
  await chatter.stop();
  await oracle.verify();
  await untilOnline(rooms.values(), 4);
  const stored = await storedCopies(cluster.mongoUrl, present(rooms.get('Ann')).id);
  expect(stored.filter(({ users }) => users.length > 0)).toHaveLength(oracle.acknowledgedCount);
  const reader = await people.login(present(devices[0]).storage.account, present(urls[1]));
  oracle.follow(await reader.client.room('Failover'), 'Ann again', 'joined');
  await oracle.verify();
});
