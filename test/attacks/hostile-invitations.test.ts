import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RoomInvitation } from '../../client/sdk/index.ts';
import type { WaitingInvitation } from '../../src/protocol/entities.ts';
import { eventually } from '../support/eventually.ts';
import { Theatre } from '../support/hostile/theatre.ts';
import { roomNamed } from '../support/ports/service-world.ts';
import { noticed, type Person, three } from './contact-people.ts';
import { newRoom, present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

const trust = { code: 'trust' };

describe('an invitation to a room', () => {
  async function invited(): Promise<{
    alice: Person;
    bob: Person;
    mallory: Person;
    room: string;
    invitation: RoomInvitation;
  }> {
    const { alice, bob, mallory } = await three(theatre);
    const room = theatre.name('Club');
    await bob.client.create(room, { hidden: true, password: 'secret words' });
    await bob.client.contacts.invite(room, alice.name);
    const [invitation] = await alice.client.contacts.waiting();
    return { alice, bob, mallory, room, invitation: present(invitation) };
  }

  it('names who invites by which key, and is accepted by joining', async () => {
    const { alice, bob, room, invitation } = await invited();
    const { fingerprint } = await bob.client.me();
    expect(invitation).toMatchObject({
      ...{ kind: 'room', room, from: bob.name, user: bob.id, fingerprint, trust: 'pinned', password: true },
    });
    const joined = await alice.client.contacts.accept(invitation, 'secret words');
    expect(joined).toMatchObject({ room, id: invitation.id });
    expect(await alice.client.contacts.waiting()).toEqual([]);
    const again = bob.client.contacts.invite(room, alice.name);
    await expect(again).rejects.toMatchObject({ code: 'already_a_member' });
  });

  it('is gone once it is declined', async () => {
    const { alice, invitation } = await invited();
    await alice.client.contacts.decline(invitation);
    expect(await alice.client.contacts.waiting()).toEqual([]);
    expect(await alice.client.ownRooms()).toEqual([]);
  });

  const lies: readonly (readonly [
    title: string,
    lie: (told: WaitingInvitation, people: { readonly mallory: Person }) => WaitingInvitation,
  ])[] = [
    ['by somebody else', (told, { mallory }) => ({ ...told, from: mallory.id })],
    [
      'by somebody else, name and all',
      (told, { mallory }) => ({
        ...told,
        ...{ from: mallory.id, fromName: mallory.name as WaitingInvitation['fromName'] },
      }),
    ],
    ['to another room', (told) => ({ ...told, room: newRoom() })],
    ['without a signature', ({ letter: _letter, ...told }) => told],
    ['with another one', (told) => ({ ...told, letter: present(told.letter).map((byte) => byte ^ 1) })],
    ['of a direct room that is none', (told) => ({ ...told, kind: 'direct' })],
  ];

  it.each(lies)('that a server makes up %s is not shown, but told', async (_title, lie) => {
    const { alice, mallory } = await invited();
    await alice.client.person(mallory.name);
    theatre.hostile.reply('invitations', ({ invitations }) => ({
      invitations: invitations.map((told) => lie(told, { mallory })),
    }));
    const notice = await noticed(alice, 'invitation-unproven', async () =>
      expect(await alice.client.contacts.waiting()).toEqual([]),
    );
    expect(notice.room).toEqual(expect.any(String));
  });

  it('shows the name that the inviter signed, whatever the server calls the room', async () => {
    const { alice, room } = await invited();
    theatre.hostile.reply('invitations', ({ invitations }) => ({
      invitations: invitations.map((told) => ({ ...told, name: roomNamed('Elsewhere') })),
    }));
    expect(await alice.client.contacts.waiting()).toMatchObject([{ room, name: room }]);
  });

  it('is not accepted where the name leads to another room than was signed', async () => {
    const { alice, mallory, room, invitation } = await invited();
    const trap = theatre.name('Trap');
    await mallory.client.create(trap);
    theatre.hostile.divert('lookup', () => ({ name: roomNamed(trap) }));
    theatre.hostile.divert('join', (body) => ({ ...body, name: roomNamed(trap) }));
    theatre.hostile.reply('join', ({ info }) => ({ info: { ...info, name: roomNamed(room) } }));
    await expect(alice.client.contacts.accept(invitation)).rejects.toMatchObject(trust);
    await expect(alice.client.room(room)).rejects.toMatchObject({ code: 'not_a_member' });
  });

  it('is not sent to somebody whose key has changed without an explanation', async () => {
    const { alice, bob, mallory } = await three(theatre);
    const room = theatre.name('Club');
    await alice.client.create(room);
    await alice.client.person(bob.name);
    theatre.hostile.divert('identity', () => ({ user: mallory.id }));
    theatre.hostile.reply('identity', (reply) => ({ ...reply, user: bob.id }));
    await expect(alice.client.contacts.invite(room, bob.name)).rejects.toMatchObject(trust);
    await expect(alice.client.contacts.direct(bob.name)).rejects.toMatchObject(trust);
    expect(theatre.hostile.count('invite') + theatre.hostile.count('direct')).toBe(0);
  });
});

describe('a gateway that has no direct rooms and invitations', () => {
  it('is sent no request that it does not know', async () => {
    const { alice, bob } = await three(theatre);
    theatre.hostile.reply('hello', (reply) => ({
      ...reply,
      features: (reply.features ?? []).filter((name) => name !== 'direct' && name !== 'invitations'),
    }));
    const { client } = await theatre.restart(alice);
    const lobby = theatre.name('Lobby');
    await bob.client.create(lobby);
    theatre.hostile.asked.length = 0;
    await client.join(lobby);
    const unsupported = { code: 'unsupported' };
    await expect(client.contacts.direct(bob.name)).rejects.toMatchObject(unsupported);
    await expect(client.contacts.invite(lobby, bob.name)).rejects.toMatchObject(unsupported);
    await expect(client.contacts.waiting()).rejects.toMatchObject(unsupported);
    await expect(client.contacts.block(bob.name)).rejects.toMatchObject(unsupported);
    await eventually(() => expect(theatre.hostile.count('join')).toBe(1));
    for (const name of ['direct', 'invite', 'invitations', 'dismiss', 'block'] as const)
      expect(theatre.hostile.count(name)).toBe(0);
  });
});
