import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { presenceTiming } from '../../src/adapters/redis/redis-presence.ts';
import type { RelayBackend } from '../../src/ports/backend.ts';
import type { PresenceChange, RoomOnline } from '../../src/ports/presence.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { newRoom, newUser, recordChanges } from '../contract/support-relay.ts';
import { startRedisProxy } from '../contract/support-relay-proxy.ts';
import { patient, quickTiming, redisNode, redisPair } from '../contract/support-relay-redis.ts';
import { eventually } from '../support/eventually.ts';
import { startRedisServer } from '../support/services/redis-server.ts';

const mendDeadlineMs = 10_000;

async function usersIn(node: RelayBackend, room: RoomId): Promise<readonly UserId[]> {
  const [state] = await node.presence.inRooms([room], 1000);
  return state?.users.map(({ user }) => user).toSorted() ?? [];
}

const untilOnline = (node: RelayBackend, room: RoomId, users: readonly UserId[]): Promise<void> =>
  eventually(async () => expect(await usersIn(node, room)).toEqual(users.toSorted()), {
    deadlineMs: mendDeadlineMs,
  });

/** A node tells of a change after Redis has made it, so another node may read it before. */
const untilTold = (told: () => readonly PresenceChange[], changes: readonly Partial<PresenceChange>[]) =>
  eventually(() => expect(told()).toMatchObject(changes), { deadlineMs: mendDeadlineMs });

test('after Redis lost all data everybody is online again within a lease, and versions do not go back', async () => {
  await using redis = await startRedisServer();
  await using pair = await redisPair(redis.url)();
  const [room, one, other] = [newRoom(), newUser(), newUser()];
  const first = await pair.a.presence.setInRoom(room, one, 2);
  const second = await pair.b.presence.setInRoom(room, other, 1);
  await pair.a.presence.setSessions(one, 2, 16);
  const told = [recordChanges(pair.a), recordChanges(pair.b)];
  const admin = new Redis(redis.port);
  await admin.flushall();
  admin.disconnect();
  await untilOnline(pair.b, room, [one, other]);
  const [state]: readonly (RoomOnline | undefined)[] = await pair.a.presence.inRooms([room], 10);
  expect(state?.version).toBeGreaterThan(Math.max(first.version, second.version));
  await untilTold(() => told.flat(), [{ change: 'online' }, { change: 'online' }]);
  await expect(pair.b.presence.setSessions(one, 1, 2)).resolves.toBe('too_many');
  await eventually(
    async () => expect(await pair.b.presence.directory()).toEqual({ rooms: [{ room, online: 2 }], users: 1 }),
    { deadlineMs: mendDeadlineMs },
  );
});

test('after Redis was killed and restarted empty everybody is online again', async () => {
  await using redis = await startRedisServer();
  await using pair = await redisPair(redis.url, patient)();
  const [room, users] = [newRoom(), Array.from({ length: 300 }, newUser)];
  await Promise.all(
    users.map((user, index) => (index % 2 === 0 ? pair.a : pair.b).presence.setInRoom(room, user, 1)),
  );
  await redis.kill();
  await redis.restart();
  await eventually(async () => expect(await usersIn(pair.a, room)).toHaveLength(300), {
    deadlineMs: mendDeadlineMs,
  });
});

test('numbers that were set while Redis was away are written when it is back, and told', async () => {
  await using redis = await startRedisServer();
  await using pair = await redisPair(redis.url)();
  const [room, staying, leaving, coming] = [newRoom(), newUser(), newUser(), newUser()];
  await pair.a.presence.setInRoom(room, staying, 1);
  await pair.a.presence.setInRoom(room, leaving, 1);
  const told = recordChanges(pair.a);
  redis.pause();
  const lost = [pair.a.presence.setInRoom(room, leaving, 0), pair.a.presence.setInRoom(room, coming, 1)];
  for (const outcome of await Promise.allSettled(lost)) expect(outcome.status).toBe('rejected');
  await expect(pair.a.presence.setSessions(coming, 1, 16)).rejects.toThrow(Unavailable);
  redis.resume();
  await untilOnline(pair.b, room, [staying, coming]);
  await eventually(() => {
    expect(told).toContainEqual(expect.objectContaining({ user: coming, change: 'online' }));
    expect(told).toContainEqual(expect.objectContaining({ user: leaving, change: 'offline' }));
  });
  await eventually(async () => expect(await pair.b.presence.setSessions(coming, 1, 1)).toBe('too_many'));
});

test('a node that was paused for longer than its lease loses its entries, and brings them back itself', async () => {
  await using redis = await startRedisServer();
  await using proxy = await startRedisProxy(redis.port);
  const prefix = `test:${randomUUID()}:`;
  const options = { prefix, ...patient };
  const [paused, other] = [redisNode(proxy.url, options), redisNode(redis.url, options)];
  await Promise.all([paused.start(), other.start()]);
  const [room, user, witness] = [newRoom(), newUser(), newUser()];
  await paused.presence.setInRoom(room, user, 1);
  await other.presence.setInRoom(room, witness, 1);
  const told = recordChanges(other);
  proxy.stall();
  await untilOnline(other, room, [witness]);
  await untilTold(() => told, [{ user, change: 'offline', online: 1 }]);
  const toldItself = recordChanges(paused);
  proxy.flow();
  await untilOnline(other, room, [witness, user]);
  await untilTold(() => toldItself, [{ user, change: 'online', online: 2 }]);
  await paused.presence.setInRoom(room, user, 0);
  await untilOnline(other, room, [witness]);
  await Promise.all([paused.close(), other.close()]);
});

test('what a killed node left is gone within 20 s, also when it was restarted at once under the same name', async () => {
  await using redis = await startRedisServer();
  await using proxy = await startRedisProxy(redis.port);
  const options = { prefix: `test:${randomUUID()}:`, timing: presenceTiming, nodeId: 'one-and-the-same' };
  const [killed, restarted] = [redisNode(proxy.url, options), redisNode(redis.url, options)];
  await killed.start();
  const [room, ghost, living] = [newRoom(), newUser(), newUser()];
  await killed.presence.setInRoom(room, ghost, 1);
  await killed.presence.setSessions(ghost, 16, 16);
  await proxy.cut();
  const begin = performance.now();
  await restarted.start();
  await restarted.presence.setInRoom(room, living, 1);
  const told = recordChanges(restarted);
  expect(await usersIn(restarted, room)).toHaveLength(2);
  await eventually(async () => expect(await usersIn(restarted, room)).toEqual([living]), {
    deadlineMs: 21_000,
    pauseMs: 100,
  });
  expect(performance.now() - begin).toBeLessThan(20_000);
  await untilTold(() => told, [{ room, user: ghost, change: 'offline', online: 1 }]);
  await eventually(async () => expect(await restarted.presence.setSessions(ghost, 1, 16)).toBe('ok'));
  await Promise.all([killed.close(), restarted.close()]);
});

test('entries and counts that no living node stands for are found and removed, in no list though they are', async () => {
  await using redis = await startRedisServer();
  const prefix = `test:${randomUUID()}:`;
  await using pair = await redisPair(redis.url, { prefix, ...patient })();
  const [room, lost, orphan, living] = [newRoom(), newRoom(), newUser(), newUser()];
  await pair.a.presence.setInRoom(room, living, 1);
  const told = [recordChanges(pair.a), recordChanges(pair.b)];
  const admin = new Redis(redis.port);
  await admin.hset(`${prefix}presence:{${room}}`, orphan, '1|0123456789abcdef=2,');
  await admin.hset(`${prefix}{directory}:rooms`, lost, '7:1');
  await admin.zadd(`${prefix}{directory}:users`, 1, orphan);
  admin.disconnect();
  await untilOnline(pair.b, room, [living]);
  await untilTold(() => told.flat(), [{ room, user: orphan, change: 'offline', online: 1 }]);
  await eventually(
    async () => expect(await pair.b.presence.directory()).toEqual({ rooms: [{ room, online: 1 }], users: 0 }),
    { deadlineMs: mendDeadlineMs },
  );
});

test('whatever nodes and users do, presence ends as a model says, and Redis holds nothing of the dead', async () => {
  await using redis = await startRedisServer();
  const prefix = `test:${randomUUID()}:`;
  const [rooms, users] = [Array.from({ length: 4 }, newRoom), Array.from({ length: 8 }, newUser)];
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(Math.random() * items.length)];
  const model = new Map<string, Map<string, number>>();
  const nodes: { readonly node: RelayBackend; readonly cut: () => Promise<void>; readonly id: string }[] = [];
  const addNode = async (): Promise<void> => {
    const proxy = await startRedisProxy(redis.port);
    const node = redisNode(proxy.url, { prefix, timing: quickTiming, ...patient });
    await node.start();
    nodes.push({ node, cut: proxy.cut, id: randomUUID() });
  };
  await addNode();
  await addNode();
  await addNode();
  for (let round = 0; round < 400; round += 1) {
    if (round % 130 === 129) {
      const killed = nodes.shift();
      if (killed !== undefined) model.delete(killed.id);
      await killed?.cut();
      await killed?.node.close();
      await addNode();
    }
    const [chosen, room, user] = [pick(nodes), pick(rooms), pick(users)];
    if (chosen === undefined || room === undefined || user === undefined) continue;
    const sessions = Math.floor(Math.random() * 3);
    const own = model.get(chosen.id) ?? new Map<string, number>();
    model.set(chosen.id, own.set(`${room} ${user}`, sessions));
    await chosen.node.presence.setInRoom(room, user, sessions);
  }
  const online = (room: RoomId): readonly UserId[] =>
    users
      .filter((user) => [...model.values()].some((own) => (own.get(`${room} ${user}`) ?? 0) > 0))
      .toSorted();
  const survivor = nodes[0]?.node;
  if (survivor === undefined) throw new Error('no node is left');
  for (const room of rooms) await untilOnline(survivor, room, online(room));
  await eventually(
    async () => {
      const listed = new Map(
        (await survivor.presence.directory()).rooms.map((entry) => [entry.room, entry.online]),
      );
      for (const room of rooms) expect(listed.get(room) ?? 0).toBe(online(room).length);
    },
    { deadlineMs: mendDeadlineMs },
  );
  const admin = new Redis(redis.port);
  await eventually(async () => expect(await admin.zcard(`${prefix}leases`)).toBe(3), {
    deadlineMs: mendDeadlineMs,
  });
  admin.disconnect();
  await Promise.all(nodes.map(async ({ node, cut }) => [await node.close(), await cut()]));
});
