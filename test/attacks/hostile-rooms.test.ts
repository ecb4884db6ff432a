import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RoomInfo } from '../../src/protocol/entities.ts';
import { parseRoomId } from '../../src/protocol/ids.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';
import { roomNamed } from '../support/ports/service-world.ts';
import { present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

const PASSWORD = 'secret words';

/** The server says these things about every room that is entered. */
function claim(about: Partial<RoomInfo>): void {
  theatre.hostile.claim((info) => ({ ...info, ...about }));
}

async function vault(): Promise<{ alice: Actor; name: string }> {
  const alice = await theatre.actor(theatre.name('Alice'));
  const name = theatre.name('Vault');
  await alice.client.create(name, { password: PASSWORD });
  theatre.hostile.asked.length = 0;
  return { alice, name };
}

/** The refusal names the way for a person to accept what differs. */
function refusedUntilAccepted(name: string): object {
  const way = `Accept it with conclave room trust ${name}, or in the chat with /join ${name}`;
  return { code: 'trust', message: expect.stringContaining(way) };
}

describe('a locked room that the server says has no password', () => {
  it('is not entered after a restart', async () => {
    const { alice, name } = await vault();
    await (await alice.client.room(name)).send('secret');
    claim({ password: 0 });
    const again = await theatre.restart(alice);
    await expect(again.client.room(name)).rejects.toMatchObject(refusedUntilAccepted(name));
  });

  it('is not sent to after a reconnect', async () => {
    const { alice, name } = await vault();
    const room = await alice.client.room(name);
    claim({ password: 0 });
    theatre.hostile.cut();
    await expect.poll(() => room.locked).toBe(false);
    await expect(room.send('secret')).rejects.toMatchObject(refusedUntilAccepted(name));
    expect(theatre.hostile.count('send')).toBe(0);
  });

  it('is not sent to after an event that says so', async () => {
    const { alice, name } = await vault();
    const room = await alice.client.room(name);
    const { id, retention, hidden } = room;
    theatre.hostile.tell({
      name: 'room',
      body: { room: id, name: roomNamed(room.name), retention, hidden, password: 0, version: 1 },
    });
    await expect.poll(() => room.locked).toBe(false);
    await expect(room.send('secret')).rejects.toMatchObject(refusedUntilAccepted(name));
    expect(theatre.hostile.count('send')).toBe(0);
  });

  it('is not joined by somebody who gives a password', async () => {
    const { name } = await vault();
    const bob = await theatre.actor(theatre.name('Bob'));
    theatre.hostile.reply('join', ({ info }) => ({ info: { ...info, password: 0 } }));
    await expect(bob.client.join(name, PASSWORD)).rejects.toMatchObject({ code: 'trust' });
  });

  it('is not joined by somebody who gives a password that it is said not to need', async () => {
    const { name } = await vault();
    const bob = await theatre.actor(theatre.name('Bob'));
    theatre.hostile.reply('lookup', (reply) => ({ ...reply, password: 0 }));
    await expect(bob.client.join(name, PASSWORD)).rejects.toMatchObject({ code: 'trust' });
    expect(theatre.hostile.count('join')).toBe(0);
  });

  it('is not joined again by somebody who knew it locked', async () => {
    const { name } = await vault();
    const bob = await theatre.actor(theatre.name('Bob'));
    await bob.client.join(name, PASSWORD);
    await bob.client.leave(name);
    theatre.hostile.reply('lookup', (reply) => ({ ...reply, password: 0 }));
    await expect(bob.client.join(name)).rejects.toMatchObject(refusedUntilAccepted(name));
  });
});

describe('a server that swaps rooms', () => {
  it('cannot lead a known name to another room', async () => {
    const { alice, name } = await vault();
    await alice.client.room(name);
    const other = theatre.name('Open');
    await alice.client.create(other);
    const rooms = await alice.client.ownRooms();
    const [locked, open] = [name, other].map((wanted) => present(rooms.find(({ room }) => room === wanted)));
    const renamed = (id: string, was: RoomInfo['name']): RoomInfo['name'] =>
      id === open?.id ? roomNamed(present(locked).room) : was;
    theatre.hostile.reply('mine', (reply) => ({
      rooms: reply.rooms
        .filter(({ room }) => room === open?.id)
        .map((room) => ({ ...room, name: renamed(room.room, room.name) })),
    }));
    theatre.hostile.claim((info) => ({ ...info, name: renamed(info.room, info.name) }));
    const again = await theatre.restart(alice);
    await again.client.ownRooms();
    await expect(again.client.room(name)).rejects.toMatchObject(refusedUntilAccepted(name));
  });

  it('cannot answer for one room with another', async () => {
    const { alice, name } = await vault();
    claim({ room: present(parseRoomId(new Uint8Array(randomBytes(16)))) });
    await expect(alice.client.room(name)).rejects.toMatchObject({ code: 'trust' });
  });
});

describe('a server that rolls the members back', () => {
  it('to before somebody left, or joined, does not change whom a running client writes to', async () => {
    const { alice, name } = await vault();
    const bob = await theatre.actor(theatre.name('Bob'), { honestly: true });
    const room = await alice.client.room(name);
    await bob.client.join(name, PASSWORD);
    await expect.poll(async () => (await room.members()).length).toBe(2);
    await bob.client.leave(name);
    await expect.poll(async () => (await room.members()).length).toBe(1);
    claim({ version: 2 });
    theatre.hostile.cut();
    await room.send('to those who are here');
    const sent = theatre.hostile.asked.flatMap((asked) => (asked.name === 'send' ? [asked.body] : []));
    expect(sent.at(-1)).toMatchObject({ version: 3 });
    expect(sent.at(-1)?.wraps).toHaveLength(256);
  });
});

describe('a server that loses rooms', () => {
  it('and gives out the name again does not get the old room’s pins', async () => {
    const { alice, name } = await vault();
    await alice.client.leave(name);
    const mallory = await theatre.actor(theatre.name('Mallory'), { honestly: true });
    await mallory.client.create(name).catch(() => undefined);
    await expect(alice.client.join(name)).rejects.toMatchObject({
      code: expect.stringMatching(/trust|needs_password|no_such_room_or_password/),
    });
  });
});
