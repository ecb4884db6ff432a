import { beforeEach, describe, expect, it } from 'vitest';
import { Interposed } from '../../test/support/ports/interposed.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { anyRoom, roomNamed, ServiceWorld } from '../../test/support/ports/service-world.ts';
import type { Caller } from '../core/caller.ts';
import { OnlineRooms, SNAPSHOT_LIFE_MS } from '../core/online-rooms.ts';
import type { DirectorySnapshot, Presence } from '../ports/presence.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { ReplyBody } from '../protocol/requests.ts';
import { directory } from './directory.ts';

describe('the list of rooms', () => {
  let world: ServiceWorld;
  let ann: Caller;
  let nowMs: number;
  let snapshot: DirectorySnapshot;
  let asked: number;
  let node: Parameters<typeof directory.rooms>[0];
  beforeEach(async () => {
    world = await ServiceWorld.open({ maxRoomsPerUser: 10_000 });
    ann = await world.caller('ann');
    nowMs = 1_000;
    snapshot = { rooms: [], users: 7 };
    asked = 0;
    const presence: Pick<Presence, 'directory'> = {
      async directory() {
        asked += 1;
        return snapshot;
      },
    };
    const onlineRooms = new OnlineRooms(presence, { nowMs: () => nowMs });
    node = { onlineRooms, stores: world.stores };
  });

  async function make(names: readonly string[], hidden = false) {
    const node = await world.node();
    const rooms = [];
    for (const text of names) {
      const body = { name: roomNamed(text), hidden, retention: 1 };
      rooms.push(accepted(await node.requests.create(ann, body)).info.room);
    }
    return rooms;
  }

  const list = async (body: { prefix?: string; cursor?: Uint8Array } = {}): Promise<ReplyBody<'rooms'>> =>
    accepted(await directory.rooms(node, ann, body));
  const names = ({ rooms }: ReplyBody<'rooms'>): readonly string[] => rooms.map(({ name }) => name);

  it('puts the most visited first, then goes by name, and leaves out what is hidden', async () => {
    const rooms = await make(['delta', 'Alpha', 'charlie', 'bravo', 'quiet2', 'Quiet1']);
    const [secret = anyRoom()] = await make(['secret'], true);
    const counts = [2, 5, 2, 9];
    snapshot = {
      rooms: [
        ...counts.map((online, index) => ({ room: rooms[index] ?? secret, online })),
        { room: secret, online: 99 },
      ],
      users: 12,
    };
    const listed = await list();
    expect(names(listed)).toEqual(['bravo', 'Alpha', 'charlie', 'delta', 'Quiet1', 'quiet2']);
    expect(listed.total).toBe(12);
    expect(listed.rooms[0]).toEqual({ name: 'bravo', online: 9, members: 1, password: false });
    expect(names(await list({ prefix: 'QUI' }))).toEqual(['Quiet1', 'quiet2']);
    const [alpha] = (await list({ prefix: 'al' })).rooms;
    expect(alpha).toEqual({ name: 'Alpha', online: 5, members: 1, password: false });
  });

  it('pages through rooms with and without visitors, each once', async () => {
    const all = Array.from({ length: 260 }, (_, index) => `room${String(index).padStart(3, '0')}`);
    const rooms = await make(all);
    snapshot = {
      rooms: rooms.slice(0, 130).map((room, index) => ({ room, online: 1 + (index % 7) })),
      users: 1,
    };
    const seen: string[] = [];
    for (let page = await list(); ; page = await list({ cursor: page.cursor })) {
      seen.push(...names(page));
      if (page.cursor === undefined) break;
    }
    expect([...seen].sort()).toEqual(all);
    expect(asked).toBe(1);
  });

  /** Every page, until there is none. */
  async function pages(body: { prefix?: string } = {}): Promise<ReplyBody<'rooms'>[]> {
    const all = [await list(body)];
    for (let cursor = all[0]?.cursor; cursor !== undefined; cursor = all.at(-1)?.cursor)
      all.push(await list({ ...body, cursor }));
    return all;
  }

  it('reads of the store what a page needs, however many rooms there are', async () => {
    const rooms = await make(Array.from({ length: 450 }, (_, index) => `room${index}`));
    snapshot = { rooms: rooms.map((room, index) => ({ room, online: 1 + (index % 3) })), users: 1 };
    const store = new Interposed<RoomStore>(world.stores.rooms);
    node = { ...node, stores: { rooms: store.port } };
    const first = await list();
    expect(first.rooms).toHaveLength(100);
    expect(store.count('summaries')).toBe(1);
    expect(store.count('listed')).toBe(0);
    const all = await pages();
    expect(all.map((page) => page.rooms.length)).toEqual([100, 100, 100, 100, 50]);
    const online = all.flatMap((page) => page.rooms.map((room) => room.online));
    expect(online).toEqual(online.toSorted((a, b) => b - a));
    expect(new Set(all.flatMap(names)).size).toBe(450);
    expect(store.count('summaries')).toBe(6);
    const byName = await pages({ prefix: 'room1' });
    const named = byName.flatMap(names);
    expect(named).toEqual(named.toSorted());
    expect(named).toHaveLength(111);
  });

  it('gives short pages where many rooms are hidden, and every other room once', async () => {
    const hidden = await make(
      Array.from({ length: 1_000 }, (_, index) => `hidden${index}`),
      true,
    );
    const shown = await make(['harbour', 'market', 'quiet']);
    const visited = [...hidden, ...shown.slice(0, 2)];
    snapshot = { rooms: visited.map((room) => ({ room, online: 4 })), users: 1 };
    const all = await pages();
    expect(all.length).toBeGreaterThan(1);
    expect(all.flatMap(names).toSorted()).toEqual(['harbour', 'market', 'quiet']);
    expect(all.at(-1)?.rooms.at(-1)).toMatchObject({ name: 'quiet', online: 0 });
  });

  it('ends exactly where the rooms end, with or without others behind those that are visited', async () => {
    const rooms = await make(Array.from({ length: 200 }, (_, index) => `room${index}`));
    snapshot = { rooms: rooms.map((room) => ({ room, online: 1 })), users: 1 };
    expect((await pages()).flatMap(names)).toHaveLength(200);
    snapshot = { rooms: rooms.slice(0, 100).map((room) => ({ room, online: 1 })), users: 1 };
    nowMs += SNAPSHOT_LIFE_MS;
    const all = (await pages()).flatMap(names);
    expect(all).toHaveLength(200);
    expect(new Set(all).size).toBe(200);
  });

  it('asks presence once in two seconds, whoever asks at once', async () => {
    await Promise.all([list(), list(), list()]);
    expect(asked).toBe(1);
    nowMs += SNAPSHOT_LIFE_MS - 1;
    await list();
    expect(asked).toBe(1);
    nowMs += 1;
    await list();
    expect(asked).toBe(2);
  });

  it('takes no cursor that it did not make', async () => {
    expect(await directory.rooms(node, ann, { cursor: new Uint8Array([1, 2, 3]) })).toMatchObject({
      refused: 'bad_request',
    });
    expect(await directory.rooms(node, ann, { prefix: 'not a name' })).toMatchObject({
      refused: 'bad_request',
    });
  });
});
