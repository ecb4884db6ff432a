import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signRoomLife } from '../../client/crypto/room-life.ts';
import { closeCodes } from '../../src/protocol/codes.ts';
import type { MemberEntry } from '../../src/protocol/entities.ts';
import type { UserId } from '../../src/protocol/ids.ts';
import { KeyedPerson } from '../support/ports/keyed-person.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';
import { anyRoom, nextMessage, refusal, ServerScene } from './server-scene.ts';

let gateway: LiveGateway;
beforeAll(async () => {
  gateway = await startLiveGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const scene = (): ServerScene => new ServerScene(gateway.url);

describe('sessions on a gateway', () => {
  it('are opened by registration and login, and again by a token', async () => {
    const { person, user, token } = await scene().member('Ada');
    const client = await scene().greeted();
    expect(await refusal(client.request('mine', {}))).toBe('unauthenticated');
    expect(await refusal(client.resume(person, new Uint8Array(32)))).toBe('auth_failed');
    expect((await client.resume(person, token))?.ok).toMatchObject({
      ...{ user, name: person.name, token, until: expect.any(Number) },
    });
    expect(await client.ask('mine', {})).toEqual({ rooms: [] });
    expect(await client.ask('identity', { name: person.name })).toEqual({
      ...{ user, chain: [person.identity], more: false },
    });
    expect(await client.ask('identity', { user, since: 1 })).toEqual({ user, chain: [], more: false });
  });

  it('are for one user of a name, however it is written', async () => {
    const { person } = await scene().member('Una');
    const client = await scene().greeted();
    const other = await KeyedPerson.make(person.name.toUpperCase());
    const registration = await other.registration(client.greeted);
    expect(await refusal(client.request('register', registration))).toBe('name_taken');
    const shouting = await KeyedPerson.make(other.name, person.keys);
    expect((await client.login(shouting))?.ok).toMatchObject({ name: person.name });
  });

  it('end with a logout everywhere, and their tokens with them', async () => {
    const member = await scene().member('Lea');
    expect((await member.client.logout(member.person, true))?.ok).toEqual({});
    expect((await member.client.closed).code).toBe(closeCodes.revoked.code);
    expect(await refusal(scene().resumed(member))).toBe('auth_failed');
  });

  it('end when their user gets new keys, of which every room is told', async () => {
    const { ann, bob, room } = await scene().roomOfTwo();
    const next = await bob.person.successor();
    await bob.client.ask('rotate', await bob.person.rotation(bob.client.greeted, next));
    expect((await bob.client.closed).code).toBe(closeCodes.revoked.code);
    const told = await ann.client.event('roster', 2);
    expect(told).toMatchObject({
      room,
      kind: 'identity',
      version: 3,
      member: { user: bob.user, since: 3 },
    });
    expect(told.member.identity).toEqual(next.identity);
    expect(await refusal(scene().resumed(bob))).toBe('keys_replaced');
    const { client } = await scene().login(next);
    expect(await refusal(client.request('rotate', await next.rotation(client.greeted, next)))).toBe(
      'conflict',
    );
    const { chain } = await ann.client.ask('identity', { user: bob.user });
    expect(chain).toEqual([bob.person.identity, next.identity]);
    const { members } = await ann.client.ask('members', { room, since: 2 });
    expect(membershipsOf(bob.user, members)).toEqual([
      [2, 3],
      [3, undefined],
    ]);
  });

  it('end when their account is closed', async () => {
    const member = await scene().member('Cleo');
    const { client, person } = member;
    await client.ask('close-account', { signature: await person.closing(client.greeted) });
    expect((await client.closed).code).toBe(closeCodes.account_closed.code);
    expect(await refusal(scene().resumed(member))).toBe('auth_failed');
  });
});

describe('rooms on a gateway', () => {
  it('are joined by name, and shown as they are', async () => {
    const { ann, bob, room, name: roomName, info } = await scene().roomOfTwo();
    const { client } = bob;
    expect(info).toMatchObject({ room, name: roomName, role: 'member', joined: 0, head: 0, password: 0 });
    expect(info).toMatchObject({ hidden: false, retention: 30, version: 2 });
    for (const unsaid of ['header', 'suite', 'epoch']) expect(info).not.toHaveProperty(unsaid);
    const { role, joined, head } = info;
    expect(await client.ask('mine', {})).toEqual({ rooms: [{ room, name: roomName, role, joined, head }] });
    const create = client.request('create', { name: roomName, hidden: false, retention: 1 });
    expect(await refusal(create)).toBe('name_taken');
    const shouted = anyRoom(roomName.toUpperCase());
    expect(await refusal(client.request('join', { name: shouted }))).toBe('already_a_member');
    expect(await refusal(client.request('join', { name: anyRoom() }))).toBe('no_such_room_or_password');
    expect(await ann.client.event('roster')).toMatchObject({
      ...{ room, kind: 'joined', version: 2 },
      member: { user: bob.user, name: bob.person.name, since: 2, identity: bob.person.identity },
    });
    const { version, members } = await client.ask('members', { room });
    expect([version, new Map(members.map(({ user, role }) => [user, role]))]).toEqual([
      2,
      new Map([
        [ann.user, 'owner'],
        [bob.user, 'member'],
      ]),
    ]);
  });

  it('are entered by members alone, who are told who is there', async () => {
    const { ann, room } = await scene().roomOfTwo();
    const { client } = await scene().member('Eve');
    expect((await client.ask('enter', { rooms: [room] })).rooms).toEqual([{ room, error: 8 }]);
    expect(await refusal(client.request('history', { room, after: 0, limit: 10 }))).toBe('not_a_member');
    const [entered] = (await ann.client.ask('enter', { rooms: [room] })).rooms;
    expect(entered).toMatchObject({ room, info: { room, role: 'owner' } });
    expect(entered?.presence?.users).toContainEqual(
      expect.objectContaining({ user: ann.user, online: true }),
    );
  });

  it('are locked by a password, and a name without a room looks like that of one', async () => {
    const password = { salt: new Uint8Array(32).fill(7), proof: new Uint8Array(32).fill(8) };
    const locked = await scene().roomOfTwo({ password });
    const { ann, bob, room, name: roomName } = locked;
    const { client } = await scene().member('Eve');
    expect(await client.ask('lookup', { name: roomName })).toEqual({ password: 1, salt: password.salt });
    const decoy = await client.ask('lookup', { name: anyRoom() });
    // Some look as if their password had been changed.
    expect([1, 2, 3]).toContain(decoy.password);
    expect(decoy.salt).toHaveLength(32);
    for (const wrong of [{}, { proof: new Uint8Array(32) }])
      expect(await refusal(client.request('join', { name: roomName, ...wrong }))).toBe(
        'no_such_room_or_password',
      );
    const next = { salt: new Uint8Array(32).fill(9), proof: new Uint8Array(32).fill(1) };
    await ann.client.ask('update', { room, password: next });
    expect(await bob.client.event('room')).toMatchObject({ room, name: roomName, password: 2, version: 3 });
    const early = nextMessage(bob, locked, { passwordNumber: 1 });
    expect(await refusal(bob.client.request('send', early))).toBe('stale_roster');
    expect(await client.ask('lookup', { name: roomName })).toEqual({ password: 2, salt: next.salt });
  });

  it('tell of those who leave and those who are kicked, who get nothing more', async () => {
    const shared = await scene().roomOfTwo();
    const { ann, bob, room, name: roomName } = shared;
    const early = nextMessage(bob, shared);
    await ann.client.ask('kick', { room, user: bob.user });
    expect(await bob.client.event('room-gone')).toMatchObject({ room, reason: 'kicked' });
    const kicked = await ann.client.event('roster', 2);
    expect(kicked).toMatchObject({ kind: 'kicked', version: 3, member: { user: bob.user, left: 3 } });
    expect(await refusal(bob.client.request('send', early))).toBe('not_a_member');
    expect((await bob.client.ask('join', { name: roomName })).info.version).toBe(4);
    expect(await refusal(bob.client.request('send', early))).toBe('stale_roster');
    await bob.client.ask('leave', { room });
    const left = await ann.client.event('roster', 4);
    expect(left).toMatchObject({ kind: 'left', version: 5, member: { user: bob.user, since: 4, left: 5 } });
    const { version, members } = await ann.client.ask('members', { room, since: 1 });
    expect([version, membershipsOf(bob.user, members)]).toEqual([
      5,
      [
        [2, 3],
        [4, 5],
      ],
    ]);
  });

  it('have the layout of headers that they were made with or raised to', async () => {
    const shared = await scene().roomOfTwo();
    const { ann, bob, room } = shared;
    const seen = { position: 0, headerHash: new Uint8Array(0) };
    const early = nextMessage(bob, shared);
    const layout2 = nextMessage(bob, shared, { number: 0, seen });
    expect(await refusal(bob.client.request('send', layout2))).toBe('unsupported_version');
    await ann.client.ask('update', { room, header: 2 });
    expect(await bob.client.event('room')).toMatchObject({ header: 2, version: 3 });
    expect(await refusal(bob.client.request('send', early))).toBe('stale_roster');
    const raised = { ...shared, info: { room, version: 3 } };
    const plain = nextMessage(bob, raised, { number: 0 });
    expect(await refusal(bob.client.request('send', plain))).toBe('unsupported_version');
    const second = nextMessage(bob, raised, { number: 0, seen });
    expect(await bob.client.ask('send', second)).toMatchObject({ seq: 1 });
    expect((await scene().roomOfTwo({ header: 2 })).info).toMatchObject({ header: 2 });
  });

  it('pass on the life that their owner signed, to those who are in them and to those who enter', async () => {
    const { ann, bob, room } = await scene().roomOfTwo();
    const life = await signRoomLife(ann.person.keys, { room, user: ann.user, number: 1, seconds: 60 });
    await ann.client.ask('update', { room, life });
    expect(await bob.client.event('room')).toMatchObject({ life, version: 3 });
    const { rooms } = await bob.client.ask('enter', { rooms: [room] });
    expect(rooms).toMatchObject([{ info: { life, version: 3 } }]);
  });
});

describe('messages on a gateway', () => {
  it('reach each member, numbered, with a wrap of its own', async () => {
    const shared = await scene().roomOfTwo();
    const { ann, bob, room } = shared;
    const sent = nextMessage(ann, shared);
    const reply = await ann.client.ask('send', sent);
    expect(reply).toMatchObject({ seq: 1, at: expect.any(Number) });
    const delivered = await Promise.all([ann, bob].map(({ client }) => client.event('deliver')));
    const { header, ciphertext } = sent;
    for (const got of delivered)
      expect(got).toMatchObject({
        room,
        message: { seq: 1, at: reply.at, from: ann.user, header, ciphertext },
      });
    const isAnnFirst = ann.user < bob.user;
    expect(delivered.map(({ message }) => message.wrap[0])).toEqual(isAnnFirst ? [0, 1] : [1, 0]);
    // Whoever asks again may have asked since the first delivery was lost.
    expect(await ann.client.ask('send', sent)).toEqual(reply);
    const { seq } = await bob.client.ask('send', nextMessage(bob, shared));
    await bob.client.event('deliver', 3);
    expect(bob.client.eventsOf('deliver').map(({ message }) => message.seq)).toEqual([1, 1, seq]);
    const few = { ...nextMessage(bob, shared), wraps: new Uint8Array(256) };
    expect(await refusal(bob.client.request('send', few))).toBe('bad_request');
  });

  it('are read again in pages, forwards and backwards, by those whom they were for', async () => {
    const shared = await scene().roomOfTwo();
    const { ann, bob, room } = shared;
    for (let sent = 0; sent < 5; sent += 1) await ann.client.ask('send', nextMessage(ann, shared));
    const eve = await scene().member('Eve');
    await eve.client.ask('join', { name: shared.name });
    const page = async (reader: typeof eve, range: { after: number } | { before: number }, limit: number) => {
      const { messages, through, more } = await reader.client.ask('history', { room, ...range, limit });
      return [messages.map(({ seq }) => seq), through, more];
    };
    expect(await page(bob, { after: 0 }, 2)).toEqual([[1, 2], 2, true]);
    expect(await page(bob, { after: 2 }, 10)).toEqual([[3, 4, 5], 5, false]);
    expect(await page(bob, { before: 6 }, 2)).toEqual([[4, 5], 4, true]);
    expect(await page(bob, { before: 4 }, 10)).toEqual([[1, 2, 3], 1, false]);
    expect(await page(eve, { after: 0 }, 10)).toEqual([[], 5, false]);
  });
});

/** When a user's memberships began and ended. */
function membershipsOf(of: UserId, members: readonly MemberEntry[]): unknown[] {
  const own = members.filter(({ user }) => user === of);
  return own.sort((a, b) => a.since - b.since).map(({ since, left }) => [since, left]);
}
