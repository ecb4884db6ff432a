import { Command, Redis } from 'ioredis';
import { afterAll, expect, test, vi } from 'vitest';
import { roomChannel } from '../../src/core/publisher.ts';
import type { RelayBackend } from '../../src/ports/backend.ts';
import type { Channel } from '../../src/ports/broker.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { newRoom, newUser } from '../contract/support-relay.ts';
import { redisNode } from '../contract/support-relay-redis.ts';
import { eventually } from '../support/eventually.ts';
import { startRedisCluster } from '../support/services/redis-cluster.ts';

const mendDeadlineMs = 20_000;
const prefix = 'faults:';
const cluster = await startRedisCluster();
afterAll(() => cluster.stop());

async function startPair(): Promise<{ a: RelayBackend; b: RelayBackend } & AsyncDisposable> {
  const [a, b] = [redisNode(cluster.url, { prefix }), redisNode(cluster.url, { prefix })];
  await Promise.all([a.start(), b.start()]);
  const dispose = async (): Promise<void> => {
    await Promise.all([a.close(), b.close()]);
  };
  return { a, b, [Symbol.asyncDispose]: dispose };
}

const untilUp = (node: RelayBackend): Promise<void> =>
  eventually(() => expect(node.isUp()).toBe(true), { deadlineMs: mendDeadlineMs });

/** Publishes on every channel until each was heard since the call. */
async function untilAllHeard(
  from: RelayBackend,
  channels: readonly Channel[],
  heard: Set<Channel>,
): Promise<void> {
  heard.clear();
  await eventually(
    async () => {
      await Promise.all(channels.map((channel) => from.broker.publish(channel, utf8('x'))));
      expect(heard.size).toBe(channels.length);
    },
    { deadlineMs: mendDeadlineMs, pauseMs: 100 },
  );
}

test('after one shard was killed and came back empty, its channels have a gap and everything works again', async () => {
  await using pair = await startPair();
  const channels = Array.from({ length: 60 }, () => roomChannel(newRoom()));
  const heard = new Set<Channel>();
  for (const channel of channels) await pair.b.broker.subscribe(channel, () => heard.add(channel));
  await untilAllHeard(pair.a, channels, heard);
  const rooms = Array.from({ length: 30 }, newRoom);
  const user = newUser();
  await pair.a.presence.setInRooms(
    rooms,
    user,
    rooms.map(() => 1),
  );
  const gaps = new Set<Channel>();
  pair.b.broker.onGap((missed) => {
    for (const channel of missed) gaps.add(channel);
  });
  const [shard] = cluster.nodes;
  await shard?.kill();
  await eventually(() => expect(pair.b.isUp()).toBe(false), { deadlineMs: mendDeadlineMs });
  await shard?.restart();
  await untilUp(pair.a);
  await untilUp(pair.b);
  await untilAllHeard(pair.a, channels, heard);
  expect(gaps.size).toBeGreaterThan(0);
  await eventually(
    async () => {
      const states = await pair.b.presence.inRooms(rooms, 10);
      expect(states.map(({ online }) => online)).toEqual(rooms.map(() => 1));
    },
    { deadlineMs: mendDeadlineMs },
  );
});

test('a channel whose slot moves to another shard has a gap and is heard there', async () => {
  await using pair = await startPair();
  const channel = roomChannel(newRoom());
  const slot = new Command('ssubscribe', [prefix + channel]).getSlot();
  if (slot === null) throw new Error('a channel has a slot');
  const heard = new Set<Channel>();
  await pair.b.broker.subscribe(channel, () => heard.add(channel));
  await untilAllHeard(pair.a, [channel], heard);
  const gaps = vi.fn();
  pair.b.broker.onGap(gaps);
  await moveSlot(slot);
  await eventually(() => expect(gaps).toHaveBeenCalledWith([channel]), { deadlineMs: mendDeadlineMs });
  await untilAllHeard(pair.a, [channel], heard);
  await untilUp(pair.a);
  await untilUp(pair.b);
});

/** Gives a slot without keys to the next shard. */
async function moveSlot(slot: number): Promise<void> {
  const admins = cluster.nodes.map((node) => new Redis(node.port));
  const ids = await Promise.all(admins.map(async (admin) => String(await admin.call('CLUSTER', 'MYID'))));
  const slots = await Promise.all(admins.map(async (admin) => String(await admin.call('CLUSTER', 'NODES'))));
  const from = slots.findIndex((nodes) => {
    const own = nodes.split('\n').find((line) => line.includes('myself')) ?? '';
    return own.split(' ').some((range) => {
      const [first, last] = range.split('-').map(Number);
      return first !== undefined && first <= slot && slot <= (last ?? first);
    });
  });
  const to = (from + 1) % admins.length;
  await admins[to]?.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from] ?? '');
  await admins[from]?.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to] ?? '');
  for (const index of [to, from])
    await admins[index]?.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[to] ?? '');
  for (const admin of admins) admin.disconnect();
}
