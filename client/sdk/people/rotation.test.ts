import { describe, expect, test } from 'vitest';
import { closeCodes } from '../../../src/protocol/codes.ts';
import { refuse } from '../../../src/protocol/error-reply.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { showMember } from '../../../test/support/hostile/swap-keys.ts';
import { type Account, LiveFixture, lobby, taken } from '../../../test/support/sdk/live-fixture.ts';
import { memoryStorage, newAccountKeys } from '../index.ts';
import { loadOwnAccount, nextIdentity } from './own-account.ts';
import { packPerson, parsePerson } from './person-record.ts';
import { REPLACED_GRACE_MS } from './trust-model.ts';

/** Making RSA keys takes its time. */
const soon: typeof expect.poll = (fn) => expect.poll(fn);

const chainOf = async (fixture: LiveFixture, account: Account) =>
  (await fixture.ask(account, 'identity', { user: (await account.me()).id })).chain;

/** A user whose new keys the server has refused: they wait in the storage. */
async function withKeysThatWait(fixture: LiveFixture) {
  const ada = await fixture.user('Ada');
  fixture.server.intercept = ({ name }) => (name === 'rotate' ? refuse('forbidden') : undefined);
  await expect(ada.rotate()).rejects.toMatchObject({ code: 'forbidden' });
  return ada;
}

describe('new keys', () => {
  test('are in force when rotate has resolved; old copies open, new ones too, and nothing is lost', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, bobs } = await lobby(fixture);
    const notices = ada.notices();
    const [before] = bob.keys();
    const heard = adas.follow({ after: 'joined' });
    await bobs.send('old key');
    expect(await taken(heard, 1)).toEqual(['old key']);
    const me = await bob.rotate();
    expect(bob.status.state).toBe('online');
    expect(me).toEqual(await bob.me());
    expect(bob.keys()).toEqual([
      { ...before, current: false },
      expect.objectContaining({ fingerprint: me.fingerprint, sequence: 1, current: true }),
    ]);
    expect((await notices.next()).value).toMatchObject({ type: 'key-rotated', user: 'Bob' });
    await bobs.send('new key');
    await adas.send('to the new key');
    expect(await taken(heard, 2)).toEqual(['new key', 'to the new key']);
    const again = await fixture.client({ ...bob.storage, account: await bob.storage.keys.load() });
    await again.connect();
    const all = (await again.room('Lobby')).follow({ after: 'joined' });
    expect(await taken(all, 3)).toEqual(['old key', 'new key', 'to the new key']);
  });

  test('are stored before the server is asked for them', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const ada = await withKeysThatWait(fixture);
    const { pending, identities } = await ada.storage.keys.load();
    expect(identities).toHaveLength(1);
    expect(server.asked.findLast(({ name }) => name === 'rotate')?.body).toMatchObject({
      identity: pending?.signed,
    });
    expect(ada.status.state).toBe('online');
    server.intercept = () => undefined;
    await ada.rotate();
    expect((await ada.storage.keys.load()).identities.at(-1)).toEqual(pending);
  });

  test.each(['cut', 'work-then-cut'] as const)(
    'come into force in spite of a lost answer: %s',
    async (what) => {
      await using fixture = await LiveFixture.start();
      const { server } = fixture;
      const ada = await fixture.user('Ada');
      server.intercept = ({ name }) => (name === 'rotate' && server.count('rotate') === 1 ? what : undefined);
      const { fingerprint } = await ada.rotate();
      expect(ada.keys()).toMatchObject([{ current: false }, { fingerprint, current: true }]);
      expect(await chainOf(fixture, ada)).toHaveLength(2);
      expect(server.count('rotate')).toBe(what === 'cut' ? 2 : 1);
    },
  );

  test.each(['cut', 'work-then-cut'] as const)(
    'are found out about at the next start, when the process died with the question open: %s',
    async (what) => {
      await using fixture = await LiveFixture.start();
      const { server } = fixture;
      const ada = await fixture.user('Ada');
      server.intercept = ({ name }) => (name === 'rotate' ? what : undefined);
      const rotating = expect(ada.rotate()).rejects.toMatchObject({ code: 'closed' });
      await soon(() => server.count('rotate')).toBeGreaterThan(0);
      const left = await ada.storage.keys.load();
      await ada.close();
      await rotating;
      const again = await fixture.client({ ...memoryStorage(left), state: ada.storage.state });
      await again.connect();
      expect(again.keys()).toHaveLength(what === 'cut' ? 1 : 2);
      server.intercept = () => undefined;
      await again.rotate();
      expect(again.keys()).toHaveLength(what === 'cut' ? 2 : 3);
    },
  );

  test('are taken by another client of the same storage, which comes back by itself', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, bobs } = await lobby(fixture);
    const other = await fixture.client(ada.storage);
    await other.connect();
    const room = await other.room('Lobby');
    const heard = bobs.follow({ after: 'now' });
    const { fingerprint } = await ada.rotate();
    await soon(async () => (await other.me()).fingerprint).toBe(fingerprint);
    await soon(() => other.status.state).toBe('online');
    await room.send('from the other');
    await adas.send('from the first');
    expect(await taken(heard, 2)).toEqual(['from the other', 'from the first']);
    expect((await bob.person('Ada')).fingerprint).toBe(fingerprint);
  });

  test('are made once when two clients of one storage ask at the same time', async () => {
    await using fixture = await LiveFixture.start();
    const ada = await fixture.user('Ada');
    const other = await fixture.client(ada.storage);
    await other.connect();
    const [one, two] = await Promise.all([ada.rotate(), other.rotate()]);
    expect(one.fingerprint).toBe(two.fingerprint);
    expect(await chainOf(fixture, ada)).toHaveLength(2);
  });

  test('made on another machine are told of: while connected, by a token, and by a challenge that does not open', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const ada = await fixture.user('Ada');
    const { account, state } = ada.storage;
    const elsewhere = memoryStorage(account);
    const behind = await fixture.client({ ...memoryStorage(account), state });
    await behind.connect();
    const there = await fixture.client(elsewhere);
    await there.connect();
    await there.rotate();
    await soon(() => behind.status.state).toBe('closed');
    expect(behind.status).toMatchObject({ error: { code: 'auth_failed', message: /import them here/ } });

    server.intercept = ({ name }) => (name === 'resume' ? refuse('keys_replaced') : undefined);
    await expect(
      (await fixture.client({ ...memoryStorage(account), state })).connect(),
    ).rejects.toMatchObject({
      code: 'keys_replaced',
      message: expect.stringMatching(/import them here/),
    });
    await expect((await fixture.client(memoryStorage(account))).connect()).rejects.toMatchObject({
      code: 'auth_failed',
      message: expect.stringMatching(/import them here/),
    });
  });

  test('that wait do not bring a client back that was logged out from elsewhere', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const ada = await withKeysThatWait(fixture);
    const elsewhere = await fixture.client(memoryStorage(ada.storage.account));
    await elsewhere.connect();
    await elsewhere.logout({ everywhere: true });
    await soon(() => ada.status.state).toBe('closed');
    expect(ada.status).toMatchObject({ error: { code: 'auth_failed' } });
    await soon(() => server.connections).toBe(0);
  });

  test('that wait have no client dial without a pause when its server ends each connection as revoked', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const ada = await withKeysThatWait(fixture);
    server.intercept = ({ name }) => {
      if (name === 'login' || name === 'resume') server.closeAll(closeCodes.revoked.code);
      return undefined;
    };
    const states: string[] = [];
    const followed = (async () => {
      for await (const { state } of ada.statuses()) states.push(state);
    })();
    server.cut();
    await soon(() => states.filter((state) => state === 'waiting').length).toBeGreaterThan(2);
    // One pause before each attempt.
    const pauses = states.filter((state) => state === 'waiting').length;
    expect(states.filter((state) => state === 'connecting').length).toBeLessThanOrEqual(pauses + 1);
    await ada.close();
    await followed;
  });

  test('are refused when other keys took their place first', async () => {
    await using fixture = await LiveFixture.start();
    const ada = await fixture.user('Ada');
    const there = await fixture.client(memoryStorage(ada.storage.account));
    await there.connect();
    const { server } = fixture;
    let adas: Uint8Array | undefined;
    server.intercept = (request) => {
      if (request.name !== 'rotate') return undefined;
      adas ??= request.body.identity.document;
      return request.body.identity.document.join() === adas.join() ? 'cut' : undefined;
    };
    const late = expect(ada.rotate()).rejects.toMatchObject({ code: 'keys_replaced' });
    await soon(() => server.count('rotate')).toBeGreaterThan(0);
    await there.rotate();
    await late;
  });
});

describe('a server that goes back to keys that were replaced', () => {
  test('is believed for a moment, in which its rosters may be behind, and then nothing is sent to them', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { ada, adas, bob, bobs } = await lobby(fixture);
    await bobs.send('hello');
    expect(await taken(adas.follow({ after: 'joined' }), 1)).toEqual(['hello']);
    await bob.rotate();
    expect(await ada.person('Bob')).toMatchObject({ keys: [{}, { current: true }] });
    const { id } = await bob.me();
    const [first] = bob.storage.account.identities;
    showMember(server, id, { identity: first?.signed ?? expect.unreachable() });
    await bob.leave('Lobby');
    await bob.join('Lobby');
    await adas.send('perhaps it does not know better yet');
    await ada.storage.state.update('people', id, (current) => {
      const record = parsePerson(current) ?? expect.unreachable();
      expect(record.since).toBeGreaterThan(Date.now() - REPLACED_GRACE_MS);
      return { value: packPerson({ ...record, since: 1 }), result: undefined };
    });
    const later = await fixture.client(ada.storage);
    await later.connect();
    await expect((await later.room('Lobby')).send('to a thief')).rejects.toMatchObject({
      code: 'trust',
      message: expect.stringMatching(/Bob/),
    });
  });

  test('cannot put keys in their place that the present ones did not sign', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { ada, adas, bob, bobs } = await lobby(fixture);
    const notices = ada.notices();
    await bobs.send('hello');
    expect(await taken(adas.follow({ after: 'joined' }), 1)).toEqual(['hello']);
    // Whoever writes while Bob is away writes to nobody else.
    await bob.leave('Lobby');
    await eventually(async () => expect(await adas.members()).toHaveLength(1));
    const thief = await newAccountKeys('Bob');
    const forged = await nextIdentity(await loadOwnAccount(thief), 1);
    const { id } = await bob.me();
    showMember(server, id, { identity: forged.signed });
    server.reply('identity', (reply) =>
      reply.user === id ? { ...reply, chain: [...reply.chain, forged.signed] } : reply,
    );
    await bob.join('Lobby');
    expect((await notices.next()).value).toMatchObject({ type: 'key-changed', user: 'Bob' });
    await expect(adas.send('to a thief')).rejects.toMatchObject({ code: 'trust' });
  });
});

describe('the end of an account', () => {
  test('closes the client, which never comes back', async () => {
    await using fixture = await LiveFixture.start();
    const ada = await fixture.user('Ada');
    await ada.closeAccount();
    expect(ada.status).toEqual({ state: 'closed' });
    await expect((await fixture.client(ada.storage)).connect()).rejects.toMatchObject({
      code: 'auth_failed',
      message: 'this account was closed',
    });
    expect(await (await fixture.client(ada.storage)).me()).toMatchObject({ user: 'Ada' });
  });

  test('is not known when the connection is lost before the answer', async () => {
    await using fixture = await LiveFixture.start();
    const ada = await fixture.user('Ada');
    fixture.server.intercept = ({ name }) => (name === 'close-account' ? 'cut' : undefined);
    await expect(ada.closeAccount()).rejects.toMatchObject({ code: 'unavailable' });
    fixture.server.intercept = () => undefined;
    await ada.closeAccount();
  });
});
