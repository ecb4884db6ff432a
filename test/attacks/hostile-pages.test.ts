import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Room } from '../../client/sdk/index.ts';
import type { MemberEntry } from '../../src/protocol/entities.ts';
import { refuse } from '../../src/protocol/error-reply.ts';
import { parseUserId } from '../../src/protocol/ids.ts';
import { OUTBOUND_FRAME_BYTES_MAX, ROOM_MEMBERS_MAX } from '../../src/protocol/limits.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import { type Actor, read, shown, Theatre } from '../support/hostile/theatre.ts';
import { present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

const cursor = new Uint8Array([1]);
const someUser = () => present(parseUserId(new Uint8Array(randomBytes(16))));

async function alone(): Promise<{ alice: Actor; name: string; room: Room }> {
  const alice = await theatre.actor(theatre.name('Alice'));
  const name = theatre.name('Lobby');
  await alice.client.create(name);
  const room = await alice.client.room(name);
  theatre.hostile.asked.length = 0;
  return { alice, name, room };
}

/** What is held, garbage left out. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** A page full of members that do not exist; their documents are not valid, which makes them cheap to make. */
function crowd(size: number, like: MemberEntry): MemberEntry[] {
  return Array.from({ length: size }, () => ({ ...like, user: someUser() }));
}

describe('pages without an end', () => {
  it('of members end with an error after as many as a room can have', async () => {
    const { room } = await alone();
    theatre.hostile.reply('members', (reply) => ({
      ...reply,
      cursor,
      members: crowd(200, present(reply.members[0])),
    }));
    theatre.hostile.divert('members', ({ cursor: _mine, ...body }) => body);
    await expect(room.members()).rejects.toMatchObject({ code: 'too_large' });
    expect(theatre.hostile.count('members')).toBe(ROOM_MEMBERS_MAX / 200 + 1);
  });

  it('of nobody end with an error, too', async () => {
    const { room } = await alone();
    theatre.hostile.reply('members', (reply) => ({ ...reply, cursor, members: [] }));
    theatre.hostile.divert('members', ({ cursor: _mine, ...body }) => body);
    await expect(room.members()).rejects.toMatchObject({ code: 'too_large' });
    expect(theatre.hostile.count('members')).toBeLessThan(300);
  });

  it('of the public list end with an error', async () => {
    const { alice } = await alone();
    theatre.hostile.divert('rooms', () => ({}));
    theatre.hostile.reply('rooms', (reply) => ({ ...reply, rooms: [], cursor }));
    const list = async () => {
      for await (const room of alice.client.listRooms()) expect(room).toBeUndefined();
    };
    await expect(list()).rejects.toMatchObject({ code: 'too_large' });
  });

  it('of the own rooms end', async () => {
    const { alice, name } = await alone();
    theatre.hostile.divert('mine', () => ({}));
    theatre.hostile.reply('mine', (reply) => ({ ...reply, cursor }));
    const own = await alice.client.ownRooms();
    expect(own[0]?.room).toBe(name);
    // Once for the question, and perhaps once in the background.
    expect(theatre.hostile.count('mine')).toBeLessThanOrEqual(20);
  });

  it('of somebody’s identities end with an error', async () => {
    const { alice } = await alone();
    const { user } = await alice.client.me();
    const bob = await theatre.actor(theatre.name('Bob'), { honestly: true });
    theatre.hostile.divert('identity', ({ since: _mine, ...body }) => body);
    theatre.hostile.reply('identity', (reply) => ({ ...reply, more: true }));
    await expect(alice.client.person((await bob.client.me()).user)).rejects.toMatchObject({ code: 'trust' });
    expect(theatre.hostile.count('identity')).toBe(20);
    expect((await alice.client.person(user)).trust).toBe('verified');
  });
});

describe('a roster that grows for ever', () => {
  it('by events is forgotten when no room could have so many, and read afresh', async () => {
    const { room } = await alone();
    let like: MemberEntry | undefined;
    theatre.hostile.reply('members', (reply) => {
      like = reply.members[0];
      return reply;
    });
    expect(await room.members()).toHaveLength(1);
    for (let version = 2; version <= ROOM_MEMBERS_MAX + 10; version += 1) {
      const member = { ...present(like), user: someUser(), since: version };
      theatre.hostile.tell({ name: 'roster', body: { room: room.id, version, kind: 'joined', member } });
    }
    await expect.poll(() => room.members(), { interval: 200 }).toHaveLength(1);
    await room.send('still here');
  });

  it('by presence of people who are none keeps no more of them than a room can have', async () => {
    const { room } = await alone();
    const before = heapBytes();
    for (let i = 2; i < 300; i += 1) {
      const users = Array.from({ length: 200 }, () => ({ user: someUser(), online: true, version: i }));
      theatre.hostile.tell({
        name: 'presence',
        body: { room: room.id, presence: { online: 200, version: i, users } },
      });
    }
    await room.send('all read');
    expect(room.online).toBeLessThanOrEqual(ROOM_MEMBERS_MAX);
    expect(heapBytes() - before).toBeLessThan(4_000_000);
  });
});

describe('history that lies about how far it goes', () => {
  async function told(count: number): Promise<{ room: Room }> {
    const { room } = await alone();
    for (let i = 1; i <= count; i += 1) await room.send(`number ${i}`);
    return { room };
  }

  it('`through` that goes back does not show anything twice, and asks ever more slowly', async () => {
    const { room } = await told(3);
    theatre.hostile.asked.length = 0;
    theatre.hostile.reply('history', (reply) => ({ ...reply, through: 1, more: true }));
    const feed = room.follow({ after: 'joined' });
    expect(shown((await feed.next()).value)).toBe('number 1');
    const second = feed.next();
    await expect.poll(() => theatre.hostile.count('history')).toBeGreaterThan(3);
    expect(theatre.hostile.count('history')).toBeLessThan(8);
    theatre.hostile.honest();
    await expect.poll(() => second.then(({ value }) => shown(value))).toBe('number 2');
    expect(shown((await feed.next()).value)).toBe('number 3');
    await feed.return?.();
  });

  it('`more` for ever ends at the head that the reader was told', async () => {
    const { room } = await told(3);
    theatre.hostile.reply('history', (reply) => ({ ...reply, more: true }));
    expect(await read(room)).toEqual(['number 1', 'number 2', 'number 3']);
  });

  it('messages beyond `through`, before the page, or twice are not shown', async () => {
    const { room } = await told(3);
    theatre.hostile.reply('history', (reply) => {
      const [one, two, three] = reply.messages;
      return {
        ...reply,
        messages: [present(three), present(two), present(one), present(two), { ...present(one), seq: 9 }],
      };
    });
    expect(await read(room)).toEqual(['number 1', 'number 2', 'number 3']);
  });

  it('a `through` far beyond the head hides nothing from the next reader', async () => {
    const { room } = await told(2);
    theatre.hostile.reply('history', (reply) => ({
      ...reply,
      messages: [],
      through: Number.MAX_SAFE_INTEGER,
    }));
    expect(await read(room)).toEqual([]);
    theatre.hostile.honest();
    expect(await read(room)).toEqual(['number 1', 'number 2']);
  });
});

describe('frames that are too large, or none', () => {
  it.each<[string, Uint8Array]>([
    ['a frame over the limit', new Uint8Array(OUTBOUND_FRAME_BYTES_MAX + 1)],
    ['a frame of twenty times the limit', new Uint8Array(10 * 1024 * 1024)],
    ['a header that claims 4 GiB', new Uint8Array([0xc6, 0xff, 0xff, 0xff, 0xff])],
    ['an array that claims 2^32 elements', new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff])],
    ['maps inside each other', new Uint8Array(10_000).fill(0x91)],
    ['half a frame', encode([100, 1, 2]).subarray(0, 3)],
    [
      'a room name with an escape in it',
      encode([105, { room: new Uint8Array(16), name: '\u001b[2J', kind: 'left' }]),
    ],
  ])('%s ends that connection, and the client is back on the next', async (_, frame) => {
    const { alice, room } = await alone();
    const hellos = theatre.hostile.count('hello');
    const before = process.memoryUsage().rss;
    theatre.hostile.tell(frame);
    await expect.poll(() => theatre.hostile.count('hello')).toBeGreaterThan(hellos);
    await room.send('back');
    expect(alice.client.status.state).toBe('online');
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });
});

describe('advice that is absurd', () => {
  it('to wait for ever is waited out without a busy loop, and ends with the caller’s time', async () => {
    const { alice } = await alone();
    theatre.hostile.reply('rooms', () => refuse('unavailable', { retryAfterMs: Number.MAX_SAFE_INTEGER }));
    const cpuBefore = process.cpuUsage();
    await expect(alice.client.usersOnline()).rejects.toMatchObject({ code: 'timeout' });
    const { user } = process.cpuUsage(cpuBefore);
    expect(user / 1_000).toBeLessThan(2_500);
    expect(theatre.hostile.count('rooms')).toBe(1);
  });
});
