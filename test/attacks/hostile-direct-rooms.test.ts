import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MemberEntry, RoomInfo, WaitingInvitation } from '../../src/protocol/entities.ts';
import type { UserId } from '../../src/protocol/ids.ts';
import { read, Theatre } from '../support/hostile/theatre.ts';
import { roomNamed } from '../support/ports/service-world.ts';
import { nameFor, noticed, three } from './contact-people.ts';
import { newRoom, present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

const trust = { code: 'trust' };

describe('direct rooms between honest people', () => {
  it('are the same room for both, called by the other one’s name, and take messages while one is away', async () => {
    const { alice, bob } = await three(theatre);
    const own = await alice.client.contacts.direct(bob.name.toUpperCase());
    expect(own).toMatchObject({ room: `@${bob.name}`, direct: bob.id, role: 'member' });
    await (await alice.client.room(`@${bob.name}`)).send('are you there?');
    const [bobs] = await bob.client.ownRooms();
    expect(bobs).toMatchObject({ room: `@${alice.name}`, id: own.id, direct: alice.id });
    const room = await bob.client.room(`@${alice.name.toLowerCase()}`);
    expect(room).toMatchObject({ name: `@${alice.name}`, direct: alice.id });
    expect(await read(room)).toEqual(['are you there?']);
    const [shown] = await bob.client.contacts.waiting();
    const { fingerprint } = await alice.client.me();
    expect(shown).toMatchObject({
      ...{ kind: 'direct', room: `@${alice.name}`, from: alice.name, user: alice.id },
      ...{ fingerprint, trust: 'pinned', password: false },
    });
    await bob.client.contacts.accept(present(shown));
    expect(await bob.client.contacts.waiting()).toEqual([]);
    expect((await bob.client.contacts.direct(alice.name)).id).toBe(own.id);
  });

  it('have a new name after both have left, and the old one is not mistaken for it', async () => {
    const { alice, bob } = await three(theatre);
    const first = await alice.client.contacts.direct(bob.name);
    await bob.client.contacts.direct(alice.name);
    for (const [who, other] of [
      [alice, bob],
      [bob, alice],
    ] as const)
      await who.client.leave(`@${other.name}`);
    await expect(alice.client.room(`@${bob.name}`)).rejects.toMatchObject({ code: 'not_a_member' });
    const second = await bob.client.contacts.direct(alice.name);
    expect(second.id).not.toBe(first.id);
    expect(await alice.client.contacts.direct(bob.name)).toMatchObject({ id: second.id, room: first.room });
    await (await alice.client.room(`@${bob.name}`)).send('again');
  });

  it('are declined by leaving, and are not opened by somebody who is blocked', async () => {
    const { alice, bob } = await three(theatre);
    const own = await alice.client.contacts.direct(bob.name);
    await bob.client.contacts.decline(present((await bob.client.contacts.waiting())[0]));
    expect(await bob.client.ownRooms()).toEqual([]);
    expect((await alice.client.contacts.direct(bob.name)).id).toBe(own.id);
    await bob.client.contacts.block(alice.name);
    expect(await bob.client.ownRooms()).toEqual([]);
    expect(await bob.client.contacts.waiting()).toEqual([]);
    expect(await bob.client.contacts.blocked()).toEqual([{ user: alice.name, id: alice.id }]);
    const refused = alice.client.contacts.direct(bob.name);
    await expect(refused).rejects.toMatchObject({ code: 'unreachable' });
    await expect(bob.client.contacts.direct(alice.name)).rejects.toMatchObject({ code: 'forbidden' });
    await bob.client.contacts.unblock(alice.name);
    expect((await bob.client.contacts.direct(alice.name)).id).toBe(own.id);
  });

  it('make it known at once, and to whoever logs in later', async () => {
    const { alice, bob } = await three(theatre);
    const notice = await noticed(alice, 'invited', () => bob.client.contacts.direct(alice.name));
    expect(notice.invitation).toMatchObject({ kind: 'direct', from: bob.name });
    await alice.client.logout();
    const again = await theatre.restart(alice, false);
    const later = await noticed({ ...alice, ...again }, 'invited', () => again.client.connect());
    expect(later.invitation).toMatchObject({ kind: 'direct', from: bob.name, room: `@${bob.name}` });
  });
});

describe('a server that leads a direct message elsewhere', () => {
  it('to somebody other than who was named, is refused before anything is sent', async () => {
    const { alice, bob, mallory } = await three(theatre);
    await alice.client.person(bob.name);
    theatre.hostile.divert('direct', (body) => ({ ...body, user: mallory.id }));
    await expect(alice.client.contacts.direct(bob.name)).rejects.toMatchObject(trust);
    expect(await alice.client.ownRooms()).toMatchObject([{ room: `@${mallory.name}` }]);
    await expect(alice.client.room(`@${bob.name}`)).rejects.toMatchObject({ code: 'not_a_member' });
  });

  it('to somebody whom it says to be who was named, is refused', async () => {
    const { alice, bob, mallory } = await three(theatre);
    await alice.client.person(bob.name);
    theatre.hostile.divert('direct', (body) => ({ ...body, user: mallory.id }));
    theatre.hostile.reply('direct', ({ info }) => ({
      info: { ...info, direct: { user: bob.id, generation: 1 } },
    }));
    await expect(alice.client.contacts.direct(bob.name)).rejects.toMatchObject(trust);
    theatre.hostile.reply('mine', ({ rooms }) => ({
      rooms: rooms.map((room) => ({ ...room, direct: { user: bob.id, generation: 1 } })),
    }));
    // Its name is not made of these two ids: it is shown as any other room.
    const [own] = await alice.client.ownRooms();
    expect(own?.room).toBe(nameFor(alice.id, mallory.id));
  });

  it('to a room of another name that it claims to be a direct room, shows that under its own name', async () => {
    const { alice, bob } = await three(theatre);
    const trap = theatre.name('Trap');
    await bob.client.create(trap);
    await alice.client.join(trap);
    const direct = { user: bob.id, generation: 1 };
    theatre.hostile.claim((info) => ({ ...info, direct }));
    const room = await alice.client.room(trap);
    expect(room).toMatchObject({ name: trap, direct: undefined });
    await expect(alice.client.room(`@${bob.name}`)).rejects.toMatchObject({ code: 'not_a_member' });
  });

  it('with the name of a person whose name is somebody else’s here, is not shown as that person', async () => {
    const { alice, bob, mallory } = await three(theatre);
    await alice.client.person(bob.name);
    await mallory.client.contacts.direct(alice.name);
    const disguised = (user: UserId, name: string) => (user === mallory.id ? bob.name : name);
    theatre.hostile.reply('invitations', ({ invitations }) => ({
      invitations: invitations.map((each) => ({
        ...each,
        fromName: disguised(each.from, each.fromName) as WaitingInvitation['fromName'],
      })),
    }));
    expect(await alice.client.contacts.waiting()).toEqual([]);
    expect((await alice.client.ownRooms()).map(({ room }) => room)).toEqual([`@${mallory.name}`]);
  });
});

describe('a server that changes a direct room that was known', () => {
  it('by a third member: nothing is sealed there, before and after a restart', async () => {
    const { alice, bob, mallory } = await three(theatre);
    const lobby = theatre.name('Lobby');
    await mallory.client.create(lobby);
    await alice.client.join(lobby);
    const others = await (await alice.client.room(lobby)).members();
    expect(others).toHaveLength(2);
    await alice.client.contacts.direct(bob.name);
    const room = await alice.client.room(`@${bob.name}`);
    await room.send('for two');
    let third: MemberEntry | undefined;
    theatre.hostile.reply('members', (reply) => {
      third ??= reply.members.find(({ user }) => user === mallory.id);
      return reply;
    });
    // What an honest roster says of Mallory in another room is put into this one.
    await (await theatre.restart(alice)).client.room(lobby).then((entered) => entered.members());
    const added = present(third);
    theatre.hostile.reply('members', (reply) => ({
      ...reply,
      members: [...reply.members, added].sort((a, b) => (a.user < b.user ? -1 : 1)),
    }));
    const again = await theatre.restart(alice);
    const suspect = await again.client.room(`@${bob.name}`);
    expect(await suspect.members()).toHaveLength(3);
    theatre.hostile.asked.length = 0;
    const refused = suspect.send('for three?');
    await expect(refused).rejects.toMatchObject({ ...trust, message: expect.stringContaining(mallory.name) });
    expect(theatre.hostile.count('send')).toBe(0);
  });

  it('by another name: it is not used any more', async () => {
    const { alice, bob } = await three(theatre);
    const { id } = await alice.client.contacts.direct(bob.name);
    await (await alice.client.room(`@${bob.name}`)).send('hello');
    const renamed = (info: RoomInfo): RoomInfo => {
      const { direct: _direct, ...rest } = info;
      return { ...rest, name: roomNamed('Public') };
    };
    theatre.hostile.claim(renamed);
    theatre.hostile.reply('mine', ({ rooms }) => ({
      rooms: rooms.map(({ direct: _direct, ...room }) => ({ ...room, name: roomNamed('Public') })),
    }));
    const again = await theatre.restart(alice);
    expect(await again.client.ownRooms()).toMatchObject([{ id, room: 'Public' }]);
    await expect(again.client.room('Public')).rejects.toMatchObject(trust);
    await expect(again.client.room(`@${bob.name}`)).rejects.toMatchObject({ code: 'not_a_member' });
  });

  it('by a name that is led to another room: it is not entered', async () => {
    const { alice, bob } = await three(theatre);
    const { id } = await alice.client.contacts.direct(bob.name);
    const other = newRoom();
    theatre.hostile.reply('direct', ({ info }) => ({ info: { ...info, room: other } }));
    await expect(alice.client.contacts.direct(bob.name)).rejects.toMatchObject(trust);
    expect((await alice.client.ownRooms())[0]?.id).toBe(id);
  });

  it('by going back to an earlier generation: that is shown under its own name', async () => {
    const { alice, bob } = await three(theatre);
    await alice.client.contacts.direct(bob.name);
    await alice.client.leave(`@${bob.name}`);
    await bob.client.leave(`@${alice.name}`);
    await alice.client.contacts.direct(bob.name);
    const old = nameFor(alice.id, bob.id);
    theatre.hostile.reply('mine', ({ rooms }) => ({
      rooms: [
        ...rooms,
        ...rooms.map((room) => ({
          ...room,
          ...{ room: newRoom(), name: old, direct: { user: bob.id, generation: 1 } },
        })),
      ],
    }));
    const names = (await alice.client.ownRooms()).map(({ room }) => room);
    expect([...names].sort()).toEqual([`@${bob.name}`, old].sort());
  });
});
