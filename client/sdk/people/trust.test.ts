import { describe, expect, test } from 'vitest';
import type { RoomInfo } from '../../../src/protocol/entities.ts';
import { refuse } from '../../../src/protocol/error-reply.ts';
import { parseRoomName } from '../../../src/protocol/names.ts';
import { newIdentityOf, showMember, swapKeys } from '../../../test/support/hostile/swap-keys.ts';
import { trustRoom, trustUser, verifyUser } from '../../../test/support/sdk/decisions.ts';
import { LiveFixture, lobby, taken } from '../../../test/support/sdk/live-fixture.ts';
import { memoryStorage, newAccountKeys } from '../index.ts';
import { loadOwnAccount } from './own-account.ts';

describe('a room with a password', () => {
  test('is read by those who know it; somebody whom the server let in alone cannot', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const [ada, bob, eve] = [await fixture.user('Ada'), await fixture.user('Bob'), await fixture.user('Eve')];
    await ada.create('Vault', { password: 'secret words' });
    await expect(bob.join('Vault')).rejects.toMatchObject({ code: 'needs_password' });
    await expect(bob.join('Vault', 'wrong words')).rejects.toMatchObject({
      code: 'no_such_room_or_password',
    });
    await bob.join('Vault', 'secret words');
    const { proof = expect.unreachable() } = server.bodies('join').at(-1) ?? {};
    await fixture.ask(eve, 'join', { name: parseRoomName('Vault') ?? expect.unreachable(), proof });
    await (await ada.room('Vault')).send('hidden');
    const vault = await bob.room('Vault');
    expect(await taken(vault.follow({ after: 'joined' }), 1)).toEqual(['hidden']);
    const eves = await eve.room('Vault');
    expect([eves.locked, eves.unlocked]).toEqual([true, false]);
    await expect(eves.send('let me in')).rejects.toMatchObject({ code: 'needs_password' });
    await expect(eves.unlock('wrong words')).rejects.toMatchObject({ code: 'no_such_room_or_password' });
    await vault.send('another one');
    server.intercept = ({ name: asked }) => (asked === 'join' ? refuse('already_a_member') : undefined);
    await expect(eves.unlock('wrong words')).rejects.toMatchObject({ code: 'no_such_room_or_password' });
    await eves.unlock('secret words');
    await eves.send('now I know');
    expect((await vault.members()).map(({ user }) => user)).toContain('Eve');
  });

  test('is not used when it comes back without one, until that is accepted', async () => {
    await using fixture = await LiveFixture.start();
    const [ada, bob] = [await fixture.user('Ada'), await fixture.user('Bob')];
    await ada.create('Vault', { password: 'secret words' });
    await bob.join('Vault', 'secret words');
    const adas = await ada.room('Vault');
    await fixture.ask(ada, 'update', { room: adas.id, password: {} });
    await expect(bob.room('Vault')).rejects.toMatchObject({ code: 'trust' });
    await expect(adas.send('secret')).rejects.toMatchObject({ code: 'trust' });
    await bob.leave('Vault');
    await expect(bob.join('Vault')).rejects.toMatchObject({ code: 'trust' });
    await trustRoom(ada, 'Vault');
    await expect(adas.send('not so secret')).resolves.toMatchObject({ seq: 1 });
  });
});

describe('what a room was at least', () => {
  const withoutLayout = ({ header: _lowered, ...info }: RoomInfo): RoomInfo => info;

  test('stays so when its owner sets another password, or a person accepts what was shown before', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { ada, adas } = await lobby(fixture);
    await adas.raiseHeader(2);
    await adas.send('one');
    await adas.setPassword('secret words');
    const shown = await ada.inspectRoom('Lobby');
    expect(shown.fault).toBeUndefined();
    await ada.close();

    server.claim(withoutLayout);
    const again = await fixture.client(ada.storage);
    await again.connect();
    const room = await again.room('Lobby');
    const refused = { code: 'trust', message: expect.stringContaining('earlier form of the messages') };
    await expect(room.send('two')).rejects.toMatchObject(refused);
    await again.trustRoom(shown);
    await expect(room.send('two')).rejects.toMatchObject(refused);
  });

  test('goes back when a person was shown all of that, and accepts it', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { ada, adas } = await lobby(fixture);
    await adas.raiseHeader(2);
    await adas.setPassword('secret words');
    await adas.send('one');
    await ada.close();

    server.claim((info) => withoutLayout({ ...info, password: 0, version: info.version - 1 }));
    server.reply('lookup', (reply) => ({ ...reply, password: 0 }));
    const again = await fixture.client(ada.storage);
    await again.connect();
    const shown = await again.inspectRoom('Lobby');
    expect(shown.fault).toMatch(
      /password.*; the server went back to an earlier member list.*; the server went back to an earlier form of the messages/,
    );
    await again.trustRoom(shown);
    expect((await again.inspectRoom('Lobby')).fault).toBeUndefined();
  });
});

describe('trust', () => {
  test('is not given to somebody else who comes with the own name and keys', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { ada, adas } = await lobby(fixture);
    const identity = ada.storage.account.identities[0]?.signed ?? expect.unreachable();
    const ghost = await fixture.user('Ghost');
    showMember(server, (await ghost.me()).id, { name: (await ada.me()).user, identity });
    await ghost.join('Lobby');
    await expect(adas.send('to two of me?')).rejects.toMatchObject({ code: 'trust' });
  });

  test('stops sending in rooms with a user whose key changed, until it is accepted', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const { ada, bob, adas } = await lobby(fixture);
    const notices = ada.notices();
    await adas.send('to the right one');
    await verifyUser(ada, 'Bob', (await bob.me()).fingerprint);
    expect((await adas.members())[1]).toMatchObject({ user: 'Bob', trust: 'verified' });

    swapKeys(server, (await bob.me()).id, await newIdentityOf('Bob'));
    await bob.leave('Lobby');
    await bob.join('Lobby');
    // Until Ada is told of the join, she rightly encrypts for herself alone.
    await expect.poll(async () => (await adas.members()).map(({ trust }) => trust)).toContain('changed');
    await expect(adas.send('to whom?')).rejects.toMatchObject({ code: 'trust' });
    expect((await notices.next()).value).toMatchObject({ type: 'key-changed', user: 'Bob' });
    expect(await ada.person('bob')).toMatchObject({ trust: 'changed' });
    await expect(verifyUser(ada, 'Bob')).rejects.toMatchObject({ code: 'trust' });

    expect(await trustUser(ada, 'Bob')).toMatchObject({ trust: 'verified_before' });
    await adas.send('to the new one');
  });

  test('does not take a known name under another id', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob } = await lobby(fixture);
    await adas.members();
    const someone = await fixture.user('Someone');
    const { id: other } = await someone.me();
    const identity = bob.storage.account.identities[0]?.signed ?? expect.unreachable();
    showMember(fixture.server, other, { name: (await bob.me()).user, identity });
    await bob.leave('Lobby');
    await someone.join('Lobby');
    await expect
      .poll(async () => (await adas.members()).find(({ id }) => id === other)?.trust)
      .toBe('changed');
    await expect(adas.send('x')).rejects.toMatchObject({ code: 'trust' });
    await ada.close();
  });

  test('gives two people the same safety number', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, bob } = await lobby(fixture);
    const [one, other] = [await ada.safetyNumber('Bob'), await bob.safetyNumber('ada')];
    expect(one.number).toBe(other.number);
    await expect(verifyUser(ada, 'Bob', '0'.repeat(64))).rejects.toMatchObject({ code: 'trust' });
    await expect(ada.person('Nobody')).rejects.toMatchObject({ code: 'invalid_name' });
  });

  test('refuses keys in the storage that do not belong together', async () => {
    await using fixture = await LiveFixture.start();
    const [ada, eve] = [await newAccountKeys('Ada'), await newAccountKeys('Eve')];
    const mixed = {
      ...ada,
      identities: [
        {
          ...ada.identities[0],
          keys: eve.identities[0]?.keys ?? expect.unreachable(),
          signed: ada.identities[0]?.signed ?? expect.unreachable(),
        },
      ],
    };
    await expect(fixture.client(memoryStorage(mixed))).rejects.toMatchObject({ code: 'no_profile' });
  });
});

describe('a new key', () => {
  test.each([1, 3])(
    'that %i signatures lead to from the pinned one is taken, with a notice',
    async (times) => {
      await using fixture = await LiveFixture.start();
      const { server } = fixture;
      const { ada, adas, bob, bobs } = await lobby(fixture);
      const { id: adasId } = await ada.me();
      const notices = ada.notices();
      await bobs.send('by the old key');
      await verifyUser(ada, 'Bob', (await bob.me()).fingerprint);

      server.onEvent = (event, to) => (event.name === 'roster' && to === adasId ? [] : [event]);
      for (let rotation = 1; rotation <= times; rotation += 1) {
        // Ada hears of the last one alone.
        if (rotation === times) server.honest();
        await bob.rotate();
      }
      const account = await bob.storage.keys.load();

      const { fingerprint } = (await loadOwnAccount(account)).current.verified;
      expect((await notices.next()).value).toEqual({
        type: 'key-rotated',
        user: 'Bob',
        fingerprint,
        wasVerified: true,
      });
      expect((await adas.members())[1]).toMatchObject({ user: 'Bob', trust: 'verified_before' });
      await adas.send('to the new key');
      const again = await fixture.client({ ...memoryStorage(account) });
      await again.connect();
      const messages = (await again.room('Lobby')).follow({ after: 'joined' });
      expect(await taken(messages, 2)).toEqual(['by the old key', 'to the new key']);
      expect(await taken(adas.follow({ after: 'joined' }), 2)).toEqual(['by the old key', 'to the new key']);
      expect(
        (await ada.person('Bob')).keys.map(({ sequence, current }) => [sequence, current]).at(-1),
      ).toEqual([times, true]);
    },
  );
});
