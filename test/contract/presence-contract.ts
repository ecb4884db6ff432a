import { describe, expect, test } from 'vitest';
import type { RelayBackend } from '../../src/ports/backend.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { eventually, quickestWithin } from '../support/eventually.ts';
import { newRoom, newUser, type OpenRelayPair, recordChanges } from './support-relay.ts';

/** Ghosts are gone within 20 s of their node's end; the rest is for telling of it. */
const GHOST_MS_MAX = 22_000;
/** Room lists are at most 2 s old; the rest is for reading them. */
const LISTED_MS_MAX = 3_000;

const countIn = async (node: RelayBackend, room: RoomId): Promise<number | undefined> =>
  (await node.presence.directory()).rooms.find((entry) => entry.room === room)?.online;

/** What every presence guarantees. */
export function presenceContract(name: string, open: OpenRelayPair): void {
  describe(`presence in rooms on ${name}`, () => {
    test('a user comes online with the first session in a room and goes offline with the last, over all nodes', async () => {
      await using pair = await open();
      const [room, user] = [newRoom(), newUser()];
      const { a, b } = pair;
      expect(await a.presence.setInRoom(room, user, 1)).toMatchObject({ change: 'online', online: 1 });
      expect(await a.presence.setInRoom(room, user, 2)).toMatchObject({ change: undefined, online: 1 });
      expect(await b.presence.setInRoom(room, user, 1)).toMatchObject({ change: undefined, online: 1 });
      expect(await a.presence.setInRoom(room, user, 0)).toMatchObject({ change: undefined, online: 1 });
      expect(await b.presence.setInRoom(room, user, 0)).toMatchObject({ change: 'offline', online: 0 });
      expect(await b.presence.setInRoom(room, user, 0)).toMatchObject({ change: undefined, online: 0 });
    });

    test('the version rises with every change over all nodes, and not with a step that changes nothing', async () => {
      await using pair = await open();
      const [room, one, other] = [newRoom(), newUser(), newUser()];
      const steps = [
        await pair.a.presence.setInRoom(room, one, 1),
        await pair.b.presence.setInRoom(room, other, 1),
        await pair.a.presence.setInRoom(room, one, 0),
        await pair.b.presence.setInRoom(room, other, 0),
        await pair.a.presence.setInRoom(room, one, 1),
      ];
      const versions = steps.map((step) => step.version);
      expect(versions.every(Number.isSafeInteger)).toBe(true);
      expect(versions).toEqual([...new Set(versions)].toSorted((x, y) => x - y));
      expect((await pair.b.presence.setInRoom(room, one, 1)).version).toBe(versions.at(-1));
    });

    test('inRooms() tells who is online since which version, in the order asked', async () => {
      await using pair = await open();
      const [full, empty, one, other] = [newRoom(), newRoom(), newUser(), newUser()];
      const first = await pair.a.presence.setInRoom(full, one, 1);
      const second = await pair.b.presence.setInRoom(full, other, 3);
      const [none, both] = await pair.b.presence.inRooms([empty, full], 10);
      expect(none).toMatchObject({ online: 0, users: [] });
      expect(both).toMatchObject({ online: 2, version: second.version });
      expect(new Map(both?.users.map((entry) => [entry.user, entry.version]))).toEqual(
        new Map([
          [one, first.version],
          [other, second.version],
        ]),
      );
      await expect(pair.a.presence.inRooms([], 10)).resolves.toEqual([]);
    });

    test('inRooms() gives the count alone when more are online than asked for', async () => {
      await using pair = await open();
      const room = newRoom();
      for (let count = 0; count < 3; count += 1) await pair.a.presence.setInRoom(room, newUser(), 1);
      await expect(pair.b.presence.inRooms([room], 2)).resolves.toMatchObject([{ online: 3, users: [] }]);
      const [all] = await pair.b.presence.inRooms([room], 3);
      expect(all?.users).toHaveLength(3);
    });

    test('setInRooms() steps in several rooms, in the order given', async () => {
      await using pair = await open();
      const [user, rooms] = [newUser(), Array.from({ length: 100 }, newRoom)];
      await pair.b.presence.setInRoom(rooms[1] ?? newRoom(), newUser(), 1);
      const entered = await pair.a.presence.setInRooms(
        rooms,
        user,
        rooms.map(() => 1),
      );
      expect(entered.map((step) => step.change)).toEqual(rooms.map(() => 'online'));
      expect(entered.map((step) => step.online)).toEqual(rooms.map((_, index) => (index === 1 ? 2 : 1)));
      const left = await pair.a.presence.setInRooms(
        rooms,
        user,
        rooms.map((_, index) => (index === 0 ? 1 : 0)),
      );
      expect(left.map((step) => step.change)).toEqual(
        rooms.map((_, index) => (index === 0 ? undefined : 'offline')),
      );
      await expect(pair.a.presence.setInRooms([], user, [])).resolves.toEqual([]);
    });

    test('calls for one user and room that are not awaited take effect in order', async () => {
      await using pair = await open();
      const [room, user] = [newRoom(), newUser()];
      const counts = Array.from({ length: 31 }, (_, index) => (index % 2 === 0 ? 1 : 0));
      const steps = await Promise.all(counts.map((count) => pair.a.presence.setInRoom(room, user, count)));
      expect(steps.map((step) => step.change)).toEqual(
        counts.map((count) => (count === 1 ? 'online' : 'offline')),
      );
      await expect(pair.b.presence.inRooms([room], 1)).resolves.toMatchObject([{ online: 1 }]);
    });

    test('every coming and going is told once when both nodes step at the same time', async () => {
      await using pair = await open();
      const [room, users] = [newRoom(), Array.from({ length: 30 }, newUser)];
      const step = async (count: number): Promise<(string | undefined)[]> => {
        const nodes = [pair.a, pair.b];
        const steps = users.flatMap((user) =>
          nodes.map((node) => node.presence.setInRoom(room, user, count)),
        );
        return (await Promise.all(steps)).map(({ change }) => change);
      };
      expect((await step(1)).filter((change) => change === 'online')).toHaveLength(30);
      expect((await step(0)).filter((change) => change === 'offline')).toHaveLength(30);
      await expect(pair.a.presence.inRooms([room], 10)).resolves.toMatchObject([{ online: 0, users: [] }]);
    });

    test('steps of a node are not told to its own onChange', async () => {
      await using pair = await open();
      const told = recordChanges(pair.a);
      const [room, user] = [newRoom(), newUser()];
      await pair.a.presence.setInRoom(room, user, 1);
      await pair.a.presence.setInRoom(room, user, 0);
      expect(told).toEqual([]);
    });
  });

  describe(`sessions of a user on ${name}`, () => {
    test('the sum over all nodes is held to the maximum, and a refusal changes nothing', async () => {
      await using pair = await open();
      const user = newUser();
      const { a, b } = pair;
      await expect(a.presence.setSessions(user, 2, 3)).resolves.toBe('ok');
      await expect(b.presence.setSessions(user, 1, 3)).resolves.toBe('ok');
      await expect(b.presence.setSessions(user, 2, 3)).resolves.toBe('too_many');
      await expect(a.presence.setSessions(user, 3, 3)).resolves.toBe('too_many');
      await expect(a.presence.setSessions(user, 1, 3)).resolves.toBe('ok');
      await expect(b.presence.setSessions(user, 2, 3)).resolves.toBe('ok');
    });

    test('going down is never refused, not even under a lower maximum', async () => {
      await using pair = await open();
      const user = newUser();
      await expect(pair.a.presence.setSessions(user, 5, 16)).resolves.toBe('ok');
      await expect(pair.a.presence.setSessions(user, 4, 2)).resolves.toBe('ok');
      await expect(pair.b.presence.setSessions(user, 1, 2)).resolves.toBe('too_many');
      await expect(pair.a.presence.setSessions(user, 0, 2)).resolves.toBe('ok');
      await expect(pair.b.presence.setSessions(user, 1, 2)).resolves.toBe('ok');
    });

    test('concurrent logins on both nodes never pass the maximum', async () => {
      await using pair = await open();
      const user = newUser();
      const outcomes = await Promise.all([
        ...[1, 2, 3, 4].map((count) => pair.a.presence.setSessions(user, count, 5)),
        ...[1, 2, 3, 4].map((count) => pair.b.presence.setSessions(user, count, 5)),
      ]);
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(5);
    });
  });

  describe(`directory on ${name}`, () => {
    test('rooms with someone online are listed with their count, on every node, at most 2 s old', async () => {
      await using pair = await open();
      const listedAfterMs = async (node: RelayBackend, room: RoomId, count: number | undefined) => {
        const changedMs = performance.now();
        await eventually(async () => expect(await countIn(node, room)).toBe(count));
        return performance.now() - changedMs;
      };
      await quickestWithin(LISTED_MS_MAX, async () => {
        const room = newRoom();
        const [one, other] = [newUser(), newUser()];
        await pair.a.presence.setInRoom(room, one, 1);
        await pair.b.presence.setInRoom(room, other, 1);
        const both = await listedAfterMs(pair.b, room, 2);
        await pair.a.presence.setInRoom(room, one, 0);
        const left = await listedAfterMs(pair.b, room, 1);
        await pair.b.presence.setInRoom(room, other, 0);
        return Math.max(both, left, await listedAfterMs(pair.a, room, undefined));
      });
    });

    test('a user counts once, however many sessions on however many nodes', async () => {
      await using pair = await open();
      const [one, other] = [newUser(), newUser()];
      const users = async (): Promise<number> => (await pair.b.presence.directory()).users;
      await pair.a.presence.setSessions(one, 2, 16);
      await pair.b.presence.setSessions(one, 1, 16);
      await pair.b.presence.setSessions(other, 1, 16);
      await eventually(async () => expect(await users()).toBe(2));
      await pair.a.presence.setSessions(one, 0, 16);
      await pair.b.presence.setSessions(one, 0, 16);
      await eventually(async () => expect(await users()).toBe(1));
    });
  });

  describe(`end of a node on ${name}`, () => {
    test('what a closed node left behind is removed by the other one, which tells of it', async () => {
      await quickestWithin(GHOST_MS_MAX, async () => {
        await using pair = await open();
        const [room, leaving, staying] = [newRoom(), newUser(), newUser()];
        const told = recordChanges(pair.b);
        await pair.b.presence.setInRoom(room, staying, 1);
        await pair.a.presence.setInRoom(room, staying, 1);
        const entered = await pair.a.presence.setInRoom(room, leaving, 2);
        await pair.a.presence.setSessions(leaving, 2, 2);
        await pair.a.close();
        const closedMs = performance.now();
        await eventually(() => expect(told).toHaveLength(1));
        const toldAfterMs = performance.now() - closedMs;
        expect(told).toMatchObject([{ room, user: leaving, change: 'offline', online: 1 }]);
        expect(told[0]?.version).toBeGreaterThan(entered.version);
        await expect(pair.b.presence.inRooms([room], 10)).resolves.toMatchObject([
          { online: 1, users: [{ user: staying }] },
        ]);
        await eventually(async () => expect(await pair.b.presence.setSessions(leaving, 2, 2)).toBe('ok'));
        await eventually(async () => expect(await countIn(pair.b, room)).toBe(1));
        return toldAfterMs;
      });
    });

    test('a closed backend throws Unavailable', async () => {
      await using pair = await open();
      await pair.a.close();
      await expect(pair.a.presence.setInRoom(newRoom(), newUser(), 1)).rejects.toThrow(Unavailable);
      await expect(pair.a.presence.setSessions(newUser(), 1, 16)).rejects.toThrow(Unavailable);
      await expect(pair.a.presence.inRooms([newRoom()], 1)).rejects.toThrow(Unavailable);
      await expect(pair.a.presence.directory()).rejects.toThrow(Unavailable);
    });
  });
}
