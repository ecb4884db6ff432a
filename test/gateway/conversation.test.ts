import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IdentityKeys } from '../../client/crypto/identity-keys.ts';
import { parseRoomName, type RoomName } from '../../src/protocol/names.ts';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { type RawClient, rawMessage, type TestAccount } from '../support/raw-client.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

let gateway: LiveGateway;
let keys: IdentityKeys;
let names = 0;

beforeAll(async () => {
  gateway = await startLiveGateway();
  keys = await newKeys();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

async function person(): Promise<{ client: RawClient; account: TestAccount; token: Uint8Array }> {
  const client = await gateway.greeted();
  names += 1;
  const account = await client.register(`person${names}`, keys);
  const reply = await client.login(account);
  if (reply?.ok === undefined) throw new Error(`login: ${reply?.error}`);
  return { client, account, token: reply.ok.token };
}

function freshRoom(): RoomName {
  names += 1;
  const name = parseRoomName(`room${names}`);
  if (name === undefined) throw new Error('no room name');
  return name;
}

async function roomOfTwo() {
  const [ann, bob] = [await person(), await person()];
  const name = freshRoom();
  const { info } = await ann.client.ask('create', { name, hidden: false, retention: 30 });
  await ann.client.ask('enter', { rooms: [info.room] });
  const { info: joined } = await bob.client.ask('join', { name });
  await bob.client.ask('enter', { rooms: [info.room] });
  return { ann, bob, room: info.room, version: joined.version, name };
}

describe('a session', () => {
  it('opens by registration and login, and again by its token', async () => {
    const { account, token } = await person();
    const again = await gateway.greeted();
    const reply = await again.resume(account, token);
    expect(reply?.ok?.user).toBe(account.user);
    await expect(again.ask('mine', {})).resolves.toMatchObject({ rooms: [] });
  });

  it('is refused with a wrong answer, and closed for abuse at one attempt too many', async () => {
    const { account } = await person();
    const client = await gateway.greeted();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await client.ask('login', { username: account.name });
      expect((await client.request('answer', { mac: new Uint8Array(32) }))?.error).toBe('auth_failed');
    }
    expect(await client.request('login', { username: account.name })).toBeUndefined();
    expect(await client.closed).toEqual({ code: 3504, reason: 'abuse' });
  });

  it('one too many is refused, and a place is free again when one ends', async () => {
    await using small = await startLiveGateway({ MAX_SESSIONS_PER_USER: '2' });
    const first = await small.greeted();
    const account = await first.register('crowded', keys);
    const reply = await first.login(account);
    const token = reply?.ok?.token ?? new Uint8Array();
    const second = await small.greeted();
    expect((await second.resume(account, token))?.ok).toBeDefined();
    const third = await small.greeted();
    expect((await third.resume(account, token))?.error).toBe('too_many_sessions');
    second.socket.close(1000);
    await eventually(async () => {
      const next = await small.greeted();
      expect((await next.resume(account, token))?.ok).toBeDefined();
    });
  });

  it('answers logout before it is closed, and ends the other sessions of the token', async () => {
    const { client, account, token } = await person();
    const other = await gateway.greeted();
    await other.resume(account, token);
    expect(await client.logout(account, true)).toMatchObject({ ok: {} });
    expect((await client.closed).code).toBe(3502);
    expect((await other.closed).code).toBe(3502);
    const late = await gateway.greeted();
    expect((await late.resume(account, token))?.error).toBe('auth_failed');
  });
});

describe('a room', () => {
  it('delivers a message to every entered session, each with its own wrap', async () => {
    const { ann, bob, room, version } = await roomOfTwo();
    const { seq } = await ann.client.ask(
      'send',
      rawMessage({ room, version, account: ann.account, members: 2 }),
    );
    const [forAnn, forBob] = [await ann.client.event('deliver'), await bob.client.event('deliver')];
    expect(forAnn.message).toMatchObject({ seq, from: ann.account.user });
    expect(forBob.message.header).toEqual(forAnn.message.header);
    const isAnnFirst = ann.account.user < bob.account.user;
    expect(forAnn.message.wrap[0]).toBe(isAnnFirst ? 0 : 1);
    expect(forBob.message.wrap[0]).toBe(isAnnFirst ? 1 : 0);
  });

  it('keeps the order of one session, over more messages than one write holds', async () => {
    const { ann, bob, room, version } = await roomOfTwo();
    for (let burst = 0; burst < 10; burst += 1) {
      const sends = Array.from({ length: 8 }, () =>
        ann.client.ask(
          'send',
          rawMessage({ room, version, account: ann.account, members: 2, ciphertextBytes: 4_000 }),
        ),
      );
      await Promise.all(sends);
    }
    await bob.client.event('deliver', 80);
    const seqs = bob.client.eventsOf('deliver').map(({ message }) => message.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });

  it('tells of who joins and leaves, and delivers nothing more to who left', async () => {
    const { ann, bob, room, version } = await roomOfTwo();
    const other = await gateway.greeted();
    await other.resume(bob.account, bob.token);
    await other.ask('enter', { rooms: [room] });
    expect(await ann.client.event('roster')).toMatchObject({ kind: 'joined', version });
    await bob.client.ask('leave', { room });
    expect(await other.event('room-gone')).toEqual({ room, reason: 'left' });
    const left = await ann.client.event('roster', 2);
    expect(left).toMatchObject({ kind: 'left' });
    const message = rawMessage({ room, version: left.version, account: ann.account, members: 1 });
    await ann.client.ask('send', message);
    await ann.client.event('deliver');
    expect(bob.client.eventsOf('deliver')).toEqual([]);
    const entered = await bob.client.ask('enter', { rooms: [room] });
    expect(entered.rooms[0]?.error).toBe(8);
  });

  it('that a user joins or leaves is told to the other sessions of the user, and not to the one that did it', async () => {
    const { ann, bob, room, name } = await roomOfTwo();
    const other = await gateway.greeted();
    await other.resume(bob.account, bob.token);
    await bob.client.ask('leave', { room });
    expect(await other.event('own-room')).toEqual({ room, name, kind: 'left' });
    await other.ask('join', { name });
    expect(await bob.client.event('own-room')).toEqual({ room, name, kind: 'joined' });
    await ann.client.event('roster', 3);
    await Promise.all([other.ask('ping', {}), bob.client.ask('ping', {})]);
    expect([other, bob.client].map((client) => client.eventsOf('own-room').length)).toEqual([1, 1]);
  });

  it('shows who is online, at once after a goodbye and only later after a cut', async () => {
    const { ann, bob, room } = await roomOfTwo();
    const isOnline = (): boolean | undefined =>
      ann.client
        .eventsOf('presence')
        .flatMap(({ presence }) => presence.users ?? [])
        .findLast(({ user }) => user === bob.account.user)?.online;
    await eventually(() => expect(isOnline()).toBe(true));
    bob.client.socket.close(1000);
    await eventually(() => expect(isOnline()).toBe(false));
    const back = await gateway.greeted();
    await back.resume(bob.account, bob.token);
    await back.ask('enter', { rooms: [room] });
    await eventually(() => expect(isOnline()).toBe(true));
    const events = ann.client.eventsOf('presence').length;
    back.socket.terminate();
    const again = await gateway.greeted();
    await again.resume(bob.account, bob.token);
    const entered = await again.ask('enter', { rooms: [room] });
    expect(entered.rooms[0]?.presence?.users).toEqual(
      expect.arrayContaining([expect.objectContaining({ user: bob.account.user, online: true })]),
    );
    await ann.client.ask('ping', {});
    expect(ann.client.eventsOf('presence').length).toBe(events);
  });

  it('is entered by at most so many sessions at a time as the limit of rooms allows', async () => {
    await using small = await startLiveGateway({ MAX_ROOMS_PER_CONNECTION: '1' });
    const client = await small.greeted();
    const account = await client.register('narrow', keys);
    await client.login(account);
    const rooms = [];
    for (const name of [freshRoom(), freshRoom()]) {
      rooms.push((await client.ask('create', { name, hidden: false, retention: 0 })).info.room);
    }
    expect((await client.request('enter', { rooms }))?.error).toBe('too_large');
    expect((await client.ask('enter', { rooms: rooms.slice(0, 1) })).rooms[0]?.info).toBeDefined();
    expect((await client.request('enter', { rooms: rooms.slice(1) }))?.error).toBe('too_large');
  });
});
