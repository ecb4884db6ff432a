import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  closesOf,
  expectUnavailable,
  gather,
  registerAll,
  untilOnline,
} from '../support/cluster/conversation.ts';
import { PATIENCE_MS, promptBackends } from '../support/cluster/patience.ts';
import { type Device, People } from '../support/cluster/people.ts';
import { sealFor } from '../support/cluster/raw-message.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { askRedis } from '../support/services/redis-server.ts';

let cluster: TestCluster;
let urls: readonly [string, string];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, env: promptBackends });
  const [first, second] = cluster.gateways.map(({ url }) => url);
  if (first === undefined || second === undefined) expect.unreachable();
  urls = [first, second];
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

/** A member on the bare protocol, with a message ready to be sent. */
async function bareMember(
  device: Device,
  room: string,
): Promise<{
  readonly session: RawSession;
  readonly send: Parameters<typeof RawSession.prototype.request<'send'>>[1];
}> {
  const { id } = await device.client.join(room);
  await device.client.close();
  const session = await RawSession.open({ url: urls[0], account: device.storage.account });
  await session.request('enter', { rooms: [id] });
  return { session, send: await sealFor(session, id, 'Raw 1') };
}

async function untilReady(): Promise<void> {
  for (const { adminUrl } of cluster.gateways)
    await eventually(async () => expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200), {
      deadlineMs: PATIENCE_MS,
    });
}

test('Redis killed and started again empty under a conversation: refusals meanwhile, then everything is there', async () => {
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], urls);
  const { oracle, rooms } = await gather('Restarted', devices);
  const { session, send } = await bareMember(await people.register('Raw1', urls[0]), 'Restarted');
  await using _ = session;
  await untilOnline(rooms.values(), 4);
  const closedBefore = closesOf(devices);
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(10);
  await cluster.redis.kill();
  await expectUnavailable(() => session.refusal('send', send));
  await cluster.redis.restart();
  await chatter.everyoneSays(20);
  await chatter.stop();
  await oracle.verify();
  // The clients stayed: their connections live through it.
  expect(closesOf(devices)).toEqual(closedBefore);
  await untilReady();
  await untilOnline(rooms.values(), 4);
  await devices[2]?.client.close();
  rooms.delete('Cid');
  await untilOnline(rooms.values(), 3);
});

test('Redis paused under a conversation: requests are refused in time, and nothing is lost or seen twice', async () => {
  await using people = new People();
  const devices = await registerAll(people, ['Dan', 'Eve', 'Fay'], urls);
  const { oracle, rooms } = await gather('Stopped', devices);
  const { session, send } = await bareMember(await people.register('Raw2', urls[0]), 'Stopped');
  await using _ = session;
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(10);
  cluster.redis.pause();
  await expectUnavailable(() => session.refusal('send', send));
  cluster.redis.resume();
  await chatter.everyoneSays(20);
  await chatter.stop();
  await oracle.verify();
  await untilReady();
  await untilOnline(rooms.values(), 4);
});

test('connections to Redis that are killed, subscribers first, cost no message', async () => {
  await using people = new People();
  const devices = await registerAll(people, ['Gil', 'Hal', 'Ida'], urls);
  const { oracle, rooms } = await gather('Clients', devices);
  const closedBefore = closesOf(devices);
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(5);
  for (const type of ['pubsub', 'normal', 'pubsub', 'pubsub']) {
    await askRedis(cluster.redis.port, `CLIENT KILL TYPE ${type} SKIPME yes`, ':');
    await chatter.everyoneSays(8);
  }
  await chatter.stop();
  await oracle.verify();
  await untilReady();
  await untilOnline(rooms.values(), 3);
  expect(closesOf(devices)).toEqual(closedBefore);
});
