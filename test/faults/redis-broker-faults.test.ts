import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { roomChannel } from '../../src/core/publisher.ts';
import type { RelayBackend } from '../../src/ports/backend.ts';
import type { Channel } from '../../src/ports/broker.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { newRoom, newUser } from '../contract/support-relay.ts';
import { startRedisProxy } from '../contract/support-relay-proxy.ts';
import { redisNode, redisPair } from '../contract/support-relay-redis.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { eventually, quickestWithin } from '../support/eventually.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { startRedisServer } from '../support/services/redis-server.ts';
import { freePort } from '../support/services/server-process.ts';

/** What a request may take while Redis is away. */
const refusedWithinMs = 500;
const backDeadlineMs = PATIENCE_MS;
const ignore = (): void => undefined;

const expectRefusedInTime = (...requests: readonly (() => Promise<unknown>)[]): Promise<void> =>
  quickestWithin(refusedWithinMs, async () => {
    const startedMs = performance.now();
    await Promise.all(requests.map((request) => expect(request()).rejects.toThrow(Unavailable)));
    return performance.now() - startedMs;
  });

const untilUp = (node: RelayBackend): Promise<void> =>
  eventually(() => expect(node.isUp()).toBe(true), { deadlineMs: backDeadlineMs });

const untilDown = (node: RelayBackend): Promise<void> =>
  eventually(() => expect(node.isUp()).toBe(false), { deadlineMs: backDeadlineMs });

/** Publishes until the handler hears one of it. */
async function untilHeard(
  from: RelayBackend,
  channel: Channel,
  heard: { mock: { calls: unknown[] } },
): Promise<void> {
  const before = heard.mock.calls.length;
  await eventually(
    async () => {
      await from.broker.publish(channel, utf8('are you there?'));
      expect(heard.mock.calls.length).toBeGreaterThan(before);
    },
    { deadlineMs: backDeadlineMs },
  );
}

test('after Redis was killed and restarted, messages flow again on every channel, and each has a gap', async () => {
  await using redis = await startRedisServer();
  await using pair = await redisPair(redis.url)();
  const channels = Array.from({ length: 1300 }, () => roomChannel(newRoom()));
  const heard = new Map<Channel, number>();
  for (const channel of channels)
    await pair.b.broker.subscribe(channel, () => heard.set(channel, (heard.get(channel) ?? 0) + 1));
  const gaps: Channel[] = [];
  pair.b.broker.onGap((missed) => gaps.push(...missed));
  await redis.kill();
  await untilDown(pair.b);
  await expectRefusedInTime(() => pair.a.broker.publish(channels[0] ?? roomChannel(newRoom()), utf8('x')));
  await redis.restart();
  await untilUp(pair.a);
  await untilUp(pair.b);
  expect(gaps.toSorted()).toEqual(channels.toSorted());
  for (const channel of channels) await pair.a.broker.publish(channel, utf8('back'));
  await eventually(() => expect([...heard.values()]).toEqual(channels.map(() => 1)), {
    deadlineMs: backDeadlineMs,
  });
});

test('while Redis is stopped every request is refused in time and memory stays flat; it goes on when Redis does', async () => {
  await using redis = await startRedisServer();
  await using pair = await redisPair(redis.url)();
  const channel = roomChannel(newRoom());
  const heard = vi.fn();
  await pair.b.broker.subscribe(channel, heard);
  await untilHeard(pair.a, channel, heard);
  redis.pause();
  const { broker, sequencer, presence, limits, revocations } = pair.a;
  const [room, user] = [newRoom(), newUser()];
  const requests = [
    () => broker.publish(channel, utf8('x')),
    () => broker.subscribe(roomChannel(newRoom()), ignore),
    () => sequencer.next({ room, version: 1, seen: { seq: 0, version: 0, floor: 0 } }),
    () => sequencer.read([room]),
    () => presence.setInRooms([room, newRoom()], user, [1, 1]),
    () => presence.inRooms([room], 10),
    () => limits.take('test', { count: 1, periodMs: 1000, burst: 1 }),
    () => revocations.notBefore([user]),
  ];
  for (let round = 0; round < 3; round += 1) await expectRefusedInTime(...requests);
  await pair.b.broker.unsubscribe(roomChannel(newRoom()));
  const payload = new Uint8Array(16 * 1024);
  const before = process.memoryUsage().rss;
  const floodEndMs = performance.now() + 3000;
  while (performance.now() < floodEndMs) {
    await Promise.allSettled(Array.from({ length: 100 }, () => broker.publish(channel, payload)));
    await new Promise(setImmediate);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(96 * 1024 * 1024);
  redis.resume();
  await untilUp(pair.a);
  await untilUp(pair.b);
  await untilHeard(pair.a, channel, heard);
});

test('a turn of the event loop that lasts costs no connection', async () => {
  await using redis = await startRedisServer();
  await using pair = await redisPair(redis.url)();
  const admin = new Redis(redis.port);
  const connections = async (): Promise<readonly string[]> => {
    const list = String(await admin.call('CLIENT', 'LIST'));
    return [...list.matchAll(/^id=(\d+) .* name=conclave/gm)].map(([, id]) => String(id)).sort();
  };
  const before = await connections();
  expect(before.length).toBeGreaterThan(4);
  // Its answer comes while nobody can read it; whether the command itself is still in time is another matter.
  const asked = pair.a.presence.inRooms([newRoom()], 10).catch(ignore);
  const untilMs = performance.now() + 2_500;
  while (performance.now() < untilMs);
  await asked;
  await eventually(async () => expect(await pair.a.presence.inRooms([newRoom()], 10)).toHaveLength(1));
  expect(await connections()).toEqual(before);
  admin.disconnect();
});

test('a subscriber that Redis cut off has a gap and hears again', async () => {
  await using redis = await startRedisServer();
  await using pair = await redisPair(redis.url)();
  const channel = roomChannel(newRoom());
  const heard = vi.fn();
  await pair.b.broker.subscribe(channel, heard);
  const gaps = vi.fn();
  pair.b.broker.onGap(gaps);
  const admin = new Redis(redis.port);
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  admin.disconnect();
  await eventually(() => expect(gaps).toHaveBeenCalledWith([channel]), { deadlineMs: backDeadlineMs });
  const before = heard.mock.calls.length;
  await pair.a.broker.publish(channel, utf8('x'));
  await eventually(() => expect(heard.mock.calls.length).toBe(before + 1));
});

test('a starved subscriber is found within 5 s, replaced, and its channels have a gap', async () => {
  await using redis = await startRedisServer();
  await using proxy = await startRedisProxy(redis.port);
  const [warn, brokerStarved] = [vi.fn(), vi.fn()];
  const telemetry = silentTelemetry({ warn, brokerStarved });
  await using pair = await redisPair(proxy.url, { telemetry })();
  const channel = roomChannel(newRoom());
  const heard = vi.fn();
  await pair.b.broker.subscribe(channel, heard);
  await untilHeard(pair.a, channel, heard);
  const gaps = vi.fn();
  pair.b.broker.onGap(gaps);
  await quickestWithin(5_000, async () => {
    const foundBefore = brokerStarved.mock.calls.length;
    const begin = performance.now();
    proxy.starveSubscribers();
    await eventually(() => expect(brokerStarved.mock.calls.length).toBeGreaterThan(foundBefore));
    const foundMs = performance.now() - begin;
    await untilHeard(pair.a, channel, heard);
    return foundMs;
  });
  await eventually(() => expect(gaps).toHaveBeenCalledWith([channel]));
  expect(warn).toHaveBeenCalledWith('broker_connection_silent');
});

test('unsubscribing while Redis is away does not throw, and the channel stays silent afterwards', async () => {
  await using redis = await startRedisServer();
  await using pair = await redisPair(redis.url)();
  const [left, kept] = [roomChannel(newRoom()), roomChannel(newRoom())];
  const [silent, heard] = [vi.fn(), vi.fn()];
  await pair.b.broker.subscribe(left, silent);
  await pair.b.broker.subscribe(kept, heard);
  await redis.kill();
  await pair.b.broker.unsubscribe(left);
  await redis.restart();
  await untilUp(pair.a);
  await untilUp(pair.b);
  await pair.a.broker.publish(left, utf8('x'));
  await untilHeard(pair.a, kept, heard);
  expect(silent).not.toHaveBeenCalled();
});

test('a subscribe() that failed leaves nothing behind and can be tried again', async () => {
  await using redis = await startRedisServer();
  await using pair = await redisPair(redis.url)();
  const channel = roomChannel(newRoom());
  const [first, second] = [vi.fn(), vi.fn()];
  redis.pause();
  await expect(pair.b.broker.subscribe(channel, first)).rejects.toThrow(Unavailable);
  redis.resume();
  await untilUp(pair.a);
  await untilUp(pair.b);
  await eventually(() => pair.b.broker.subscribe(channel, second), { deadlineMs: backDeadlineMs });
  await untilHeard(pair.a, channel, second);
  expect(first).not.toHaveBeenCalled();
});

test('start() waits for a Redis that is not there yet, and ends with close()', async () => {
  const port = await freePort();
  const warn = vi.fn();
  const telemetry = silentTelemetry({ warn });
  const node = redisNode(`redis://127.0.0.1:${port}`, { telemetry });
  const started = node.start();
  await eventually(() => expect(warn).toHaveBeenCalled(), { deadlineMs: backDeadlineMs });
  expect(node.isUp()).toBe(false);
  await using redis = await startRedisServer({ port });
  await started;
  expect(node.isUp()).toBe(true);
  await node.close();
  await redis.kill();
  const hopeless = redisNode(`redis://127.0.0.1:${port}`);
  const failing = expect(hopeless.start()).rejects.toThrow(Unavailable);
  await hopeless.close();
  await failing;
});
