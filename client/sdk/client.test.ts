import { describe, expect, test } from 'vitest';
import { refuse } from '../../src/protocol/error-reply.ts';
import { LiveFixture, taken } from '../../test/support/sdk/live-fixture.ts';
import { ConclaveError, memoryStorage, newAccountKeys } from './index.ts';

describe('a client', () => {
  test('registers, makes a room, and another one joins and reads what it sends', async () => {
    await using fixture = await LiveFixture.start();
    const [ada, bob] = [await fixture.user('Ada'), await fixture.user('Bob')];
    expect(await ada.create('Lobby')).toMatchObject({ room: 'Lobby', role: 'owner' });
    expect(await bob.join('lobby')).toMatchObject({ room: 'Lobby', role: 'member' });
    const here = await bob.room('Lobby');
    const messages = here.follow({ after: 'now' });
    const room = await ada.room('Lobby');
    for (const text of ['one', 'two', 'three']) await room.send(text);
    expect(await taken(messages, 3)).toEqual(['one', 'two', 'three']);
    expect((await here.members()).map(({ user, role, trust }) => [user, role, trust])).toEqual([
      ['Ada', 'owner', 'pinned'],
      ['Bob', 'member', 'verified'],
    ]);
    expect(await bob.join('LOBBY')).toMatchObject({ room: 'Lobby' });
    expect(await bob.ownRooms()).toMatchObject([{ room: 'Lobby', head: 3, read: 0 }]);
    await bob.leave('Lobby');
    await expect(bob.room('Lobby')).rejects.toMatchObject({ code: 'not_a_member' });
  });

  test('resumes with the token it kept, and logs in when that is refused', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { storage } = await fixture.user('Ada');
    await (await fixture.client(storage)).connect();
    expect([server.count('resume'), server.count('login')]).toEqual([1, 1]);
    server.intercept = ({ name }) => (name === 'resume' ? refuse('auth_failed') : undefined);
    await (await fixture.client(storage)).connect();
    expect([server.count('resume'), server.count('login')]).toEqual([2, 2]);
  });

  test('finds its own account when the answer to the registration was lost', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    server.intercept = ({ name }) =>
      name === 'register' && server.count('register') === 1 ? 'work-then-cut' : undefined;
    expect(await (await fixture.user('Ada')).me()).toMatchObject({ user: 'Ada' });
    await expect(fixture.user('ADA')).rejects.toMatchObject({ code: 'name_taken' });
  });

  test('finds its own account when its invitation is used, and asks for nothing without one', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const invites: unknown[] = [];
    server.intercept = (request) => {
      if (request.name !== 'register') return undefined;
      invites.push(request.body.invite);
      return server.count('register') === 1 ? 'work-then-cut' : refuse('invite_needed');
    };
    const ada = await fixture.client(memoryStorage(await newAccountKeys('Ada')));
    expect(await ada.register({ invite: 'K10M-PQRS-TVWX-YZ01' })).toMatchObject({ user: 'Ada' });
    expect(invites).toEqual(['K10M-PQRS-TVWX-YZ01', 'K10M-PQRS-TVWX-YZ01']);
    const logins = server.count('login');
    const bob = await fixture.client(memoryStorage(await newAccountKeys('Bob')));
    await expect(bob.register({ invite: 'K10M-PQRS-TVWX-YZ01' })).rejects.toMatchObject({
      code: 'invite_needed',
    });
    const cid = await fixture.client(memoryStorage(await newAccountKeys('Cid')));
    await expect(cid.register()).rejects.toMatchObject({ code: 'invite_needed' });
    expect(invites.at(-1)).toBeUndefined();
    expect(server.count('login')).toBe(logins + 1);
  });

  test('does not take a server that is busy for one that knows the name from somebody else', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    server.intercept = ({ name }) => {
      if (name === 'register' && server.count('register') === 1) return 'work-then-cut';
      return name === 'login' && server.count('login') === 1
        ? refuse('unavailable', { retryAfterMs: 1 })
        : undefined;
    };
    expect(await (await fixture.user('Ada')).me()).toMatchObject({ user: 'Ada' });
    expect(server.count('login')).toBe(2);
  });

  test('comes back after a lost connection, enters its rooms with one request and misses nothing', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const [ada, bob] = [await fixture.user('Ada'), await fixture.user('Bob')];
    for (const name of ['One', 'Two']) {
      await ada.create(`Room${name}`);
      await bob.join(`Room${name}`);
    }
    const [one, two] = [await bob.room('RoomOne'), await bob.room('RoomTwo')];
    const [first, second] = [one.follow({ after: 'now' }), two.follow({ after: 'now' })];
    const adas = [await ada.room('RoomOne'), await ada.room('RoomTwo')];
    await adas[0]?.send('before');
    expect(await taken(first, 1)).toEqual(['before']);
    server.intercept = ({ name }) => (name === 'hello' && down ? 'cut' : undefined);
    let down = true;
    const entered = server.count('enter');
    server.cut();
    const sent = [adas[0]?.send('while away'), adas[1]?.send('elsewhere')];
    await expect.poll(() => bob.status.state).toBe('waiting');
    down = false;
    await Promise.all(sent);
    expect(await taken(first, 1)).toEqual(['while away']);
    expect(await taken(second, 1)).toEqual(['elsewhere']);
    expect(server.count('enter') - entered).toBe(2);
    expect(server.count('login')).toBe(2);
  });

  test('tells its status, and stays closed after a close code that says so', async () => {
    await using fixture = await LiveFixture.start();
    const ada = await fixture.user('Ada');
    await ada.create('Lobby');
    const messages = (await ada.room('Lobby')).follow({ after: 'now' });
    const reading = expect(messages.next()).rejects.toMatchObject({ code: 'auth_failed' });
    const states: string[] = [];
    const done = (async () => {
      for await (const { state } of ada.statuses()) states.push(state);
    })();
    fixture.server.closeAll(3000);
    await expect.poll(() => states).toEqual(['online', 'waiting', 'connecting', 'online']);
    fixture.server.closeAll(3502);
    await done;
    expect(ada.status).toMatchObject({ state: 'closed', error: { code: 'auth_failed' } });
    await reading;
    await expect(ada.ownRooms()).rejects.toMatchObject({ code: 'auth_failed' });
    const { dials } = fixture.server;
    await ada.close();
    expect(fixture.server.dials).toBe(dials);
  });

  test('asks again after the time that the server names', async () => {
    await using fixture = await LiveFixture.start();
    const clock = fixture.clock();
    const ada = await fixture.client(memoryStorage(await newAccountKeys('Ada')), { clock });
    await ada.register();
    const refusals = [1, 2].map(() => refuse('rate_limited', { retryAfterMs: 300 }));
    const askedAt: number[] = [];
    fixture.server.intercept = ({ name }) => {
      if (name !== 'create') return undefined;
      askedAt.push(clock.now());
      return refusals.shift();
    };
    const made = ada.create('Lobby');
    while (askedAt.length < 3) await clock.advance(50);
    await made;
    const [first = 0, second = 0, third = 0] = askedAt;
    expect(second - first).toBeGreaterThanOrEqual(300);
    expect(third - second).toBeGreaterThanOrEqual(300);
  });

  test('takes the answer that a repeated request gets for its own first one', async () => {
    await using fixture = await LiveFixture.start();
    const ada = await fixture.user('Ada');
    const cut = new Set<string>();
    fixture.server.intercept = ({ name }) => {
      if ((name !== 'create' && name !== 'leave') || cut.has(name)) return undefined;
      cut.add(name);
      return 'work-then-cut';
    };
    expect(await ada.create('Lobby', { password: 'secret words' })).toMatchObject({
      room: 'Lobby',
      role: 'owner',
    });
    expect((await ada.room('Lobby')).unlocked).toBe(true);
    await ada.leave('Lobby');
    expect(await ada.ownRooms()).toEqual([]);
  });

  test('gives up when the time allowed is over, and says whether it ever was online', async () => {
    await using fixture = await LiveFixture.start();
    const { storage } = await fixture.user('Ada');
    fixture.server.intercept = ({ name }) => (name === 'hello' || name === 'rooms' ? 'silence' : undefined);
    const stuck = await fixture.client(storage);
    await expect(stuck.connect({ timeoutMs: 100 })).rejects.toMatchObject({ code: 'no_connection' });
    const closing = expect(stuck.connect()).rejects.toMatchObject({ code: 'closed' });
    await stuck.close();
    await closing;
  });

  test('refuses what it should not send before it sends it', async () => {
    await using fixture = await LiveFixture.start();
    const ada = await fixture.user('Ada');
    await ada.create('Lobby');
    const room = await ada.room('Lobby');
    const codeOf = (failing: Promise<unknown>): Promise<unknown> =>
      failing.then(
        () => 'none',
        (error: unknown) => (error instanceof ConclaveError ? error.code : error),
      );
    expect(await codeOf(room.send('x'.repeat(16_385)))).toBe('too_large');
    expect(await codeOf(room.send(''))).toBe('usage');
    expect(await codeOf(ada.create('no such name'))).toBe('invalid_name');
    expect(await codeOf(ada.create('Locked', { password: 'short' }))).toBe('usage');
    expect(await codeOf(ada.person('x'))).toBe('invalid_name');
    expect(fixture.server.count('send')).toBe(0);
  });

  test('does not send frames over the limit that the server told', async () => {
    await using fixture = await LiveFixture.start();
    fixture.server.reply('hello', (reply) => ({ ...reply, limits: { ...reply.limits, frameBytes: 4_096 } }));
    const ada = await fixture.user('Ada');
    await ada.create('Lobby');
    await expect((await ada.room('Lobby')).send('x'.repeat(5_000))).rejects.toMatchObject({
      code: 'too_large',
    });
    expect(fixture.server.count('send')).toBe(0);
  });
});
