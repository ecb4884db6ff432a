import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accepted } from '../../../test/support/ports/prepared-send.ts';
import { anyRoom, roomNamed, ServiceWorld } from '../../../test/support/ports/service-world.ts';
import type { DirectorySnapshot, Presence } from '../../ports/presence.ts';
import type { ReplyBody } from '../../protocol/requests.ts';
import type { Caller } from '../caller.ts';
import { RoomDirectory, SNAPSHOT_LIFE_MS } from './room-directory.ts';

describe('the list of rooms', () => {
  let world: ServiceWorld;
  let ann: Caller;
  let nowMs: number;
  let snapshot: DirectorySnapshot;
  let asked: number;
  let directory: RoomDirectory;
  beforeEach(async () => {
    world = new ServiceWorld();
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
    directory = new RoomDirectory(presence, world.rooms, { nowMs: () => nowMs });
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
  });

  async function make(names: readonly string[], hidden = false) {
    const node = await world.node();
    const rooms = [];
    for (const text of names) {
      const body = { name: roomNamed(text), hidden, retention: 1 };
      rooms.push(accepted(await node.services.rooms.create(ann, body)).info.room);
    }
    return rooms;
  }

  const list = async (body: { prefix?: string; cursor?: Uint8Array } = {}): Promise<ReplyBody<'rooms'>> =>
    accepted(await directory.list(ann, body));
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
    expect(names(await list({ prefix: 'al' }))).toEqual(['Alpha']);
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
    expect(await directory.list(ann, { cursor: new Uint8Array([1, 2, 3]) })).toMatchObject({
      refused: 'bad_request',
    });
    expect(await directory.list(ann, { prefix: 'not a name' })).toMatchObject({ refused: 'bad_request' });
  });
});
