import { describe, expect, test } from 'vitest';
import {
  epochNotices,
  epochOf,
  hidePrekeys,
  newestEpoch,
  plant,
  reasons,
  storedEpochs,
  vault,
} from '../../../test/support/sdk/epoch-room.ts';
import { LiveFixture, nextChange, taken } from '../../../test/support/sdk/live-fixture.ts';

describe('a room of suite 2', () => {
  test('has one epoch for many messages of everybody, and carries no wraps with them', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bobs, room } = await vault(fixture);
    const [adasFeed, bobsFeed] = [adas.follow({ after: 'joined' }), bobs.follow({ after: 'joined' })];
    await adas.send('one');
    await bobs.send('two');
    await adas.send('three');
    expect(await taken(bobsFeed, 3)).toEqual(['one', 'two', 'three']);
    expect(await taken(adasFeed, 3)).toEqual(['one', 'two', 'three']);
    expect([adas.suite, bobs.suite]).toEqual([2, 2]);
    expect(await epochOf(fixture, room, ada)).toEqual([1, 1, 1]);
    expect(fixture.server.bodies('send').map(({ wraps }) => wraps.length)).toEqual([0, 0, 0]);
    expect((await newestEpoch(fixture, room)).body).toMatchObject({ keying: 2, reason: 'membership' });
    expect([adas.exposedBy, bobs.exposedBy]).toEqual([[], []]);
  });

  test('gets a new epoch from whoever sends first after somebody came or went', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, bob, adas, bobs, room } = await vault(fixture);
    await adas.send('for two');
    const carol = await fixture.user('Carol');
    await carol.join('Vault');
    const carols = await carol.room('Vault');
    const feed = carols.follow({ after: 'joined' });
    await expect.poll(async () => (await bobs.members()).length).toBe(3);
    await bobs.send('for three');
    await carols.send('from the third');
    expect(await taken(feed, 2)).toEqual(['for three', 'from the third']);
    await bob.leave('Vault');
    await expect.poll(async () => (await adas.members()).length).toBe(2);
    await adas.send('without Bob');
    expect(await taken(feed, 1)).toEqual(['without Bob']);
    expect(await epochOf(fixture, room, ada)).toEqual([1, 2, 2, 3]);
    expect((await newestEpoch(fixture, room)).members).toBe(2);
    expect(await reasons(fixture, room)).toEqual(['membership', 'membership', 'membership']);
  });

  test('gets no epoch for somebody who leaves while it is made, and one try serves all who stay', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, bob, adas, room } = await vault(fixture);
    const carol = await fixture.user('Carol');
    await carol.join('Vault');
    await expect.poll(async () => (await adas.members()).length).toBe(3);
    const { state } = ada.storage;
    const update = state.update.bind(state);
    let left: Promise<void> | undefined;
    // Ada has the prekeys of all three, and makes the epoch once she has noted them.
    state.update = async (area, key, change) => {
      if (area === 'prekey-weeks') {
        left ??= leave();
        await left;
      }
      return update(area, key, change);
    };
    const leave = async () => {
      await bob.leave('Vault');
      await expect.poll(async () => (await adas.members()).length).toBe(2);
    };
    await adas.send('for two');
    expect(left).toBeDefined();
    expect((await newestEpoch(fixture, room)).members).toBe(2);
    expect([fixture.server.count('wraps'), fixture.server.count('epoch')]).toEqual([1, 1]);
    expect(await epochOf(fixture, room, ada)).toEqual([1]);
  });

  test('takes messages of somebody who joined before others, who had not heard of it yet, made two epochs more', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, bobs, room } = await vault(fixture);
    await adas.send('for two');
    const { version, members } = await fixture.ask(ada, 'members', { room });
    const carol = await fixture.user('Carol');
    await carol.join('Vault');
    const carols = await carol.room('Vault');
    // No event tells Carol of them, since they are not hers.
    for (const maker of [ada, bob]) await plant(fixture, room, { maker, version, members });
    const feed = bobs.follow({ after: 'now' });
    await carols.send('from the third');
    expect(await taken(feed, 1)).toEqual(['from the third']);
    expect(await epochOf(fixture, room, ada)).toEqual([1, 5]);
  });

  test('has one epoch after two members wanted to make it at once', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, bobs, room } = await vault(fixture);
    const feed = bobs.follow({ after: 'joined' });
    await Promise.all([adas.send('one'), bobs.send('two')]);
    expect([...(await taken(feed, 2))].sort()).toEqual(['one', 'two']);
    expect(await storedEpochs(fixture, room)).toHaveLength(1);
  });

  test('is read by somebody to whom no event told of its epochs', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bobs, bob, room } = await vault(fixture);
    fixture.server.onEvent = (event) => (event.name === 'epoch' ? [] : [event]);
    const feed = bobs.follow({ after: 'joined' });
    await adas.send('unannounced');
    expect(await taken(feed, 1)).toEqual(['unannounced']);
    await bobs.send('answer');
    expect(await epochOf(fixture, room, ada)).toEqual([1, 1]);
    await bob.close();
  });

  test('keeps what was sent before it was raised, and takes nothing of suite 1 after', async () => {
    await using fixture = await LiveFixture.start();
    const [ada, bob] = [await fixture.user('Ada'), await fixture.user('Bob')];
    await ada.create('Lobby');
    await bob.join('Lobby');
    const [adas, bobs] = [await ada.room('Lobby'), await bob.room('Lobby')];
    await adas.send('before');
    const changes = bobs.changes();
    await adas.raiseSuite(2);
    await expect.poll(() => bobs.suite).toBe(2);
    expect(await nextChange(changes)).toMatchObject({ type: 'room-changed', suite: 2 });
    await bobs.send('after');
    const { messages } = await bobs.history({ after: 0 });
    expect(messages.map((message) => message.type === 'message' && message.text)).toEqual([
      'before',
      'after',
    ]);
    expect(await epochOf(fixture, adas.id, ada)).toEqual([undefined, 1]);
  });

  test('stays one while the server says that it is of suite 1, also after a restart', async () => {
    await using fixture = await LiveFixture.start();
    const { bob, adas, bobs } = await vault(fixture);
    const { storage } = bob;
    const { server } = fixture;
    const lowered = <Settings extends { readonly suite?: number; readonly header?: number }>({
      suite: _suite,
      header: _header,
      ...settings
    }: Settings) => settings;
    server.onEvent = (event) => (event.name === 'room' ? [{ ...event, body: lowered(event.body) }] : [event]);
    server.claim(lowered);
    await adas.setRetention(7);
    await expect.poll(() => bobs.retention).toBe(7);
    expect(bobs.suite).toBe(2);
    await bob.close();
    const again = await fixture.client(storage);
    await again.connect();
    const reopened = await again.room('Vault');
    await expect(reopened.send('in the old suite')).rejects.toMatchObject({ code: 'trust' });
    expect(fixture.server.count('send')).toBe(0);
  });
});

describe('forward secrecy', () => {
  test('is said to be missing by whoever makes an epoch for somebody without a prekey', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bobs, bob, room } = await vault(fixture);
    const told = epochNotices(ada);
    hidePrekeys(fixture, (await bob.me()).id);
    await adas.send('first');
    expect(adas.exposedBy).toEqual(['Bob']);
    await expect
      .poll(() => told.map(({ kind, users }) => [kind, users]))
      .toEqual([['no_forward_secrecy', ['Bob']]]);
    await expect.poll(() => bobs.exposedBy).toEqual(['Bob']);
    expect((await newestEpoch(fixture, room)).body.keying).toBe(2);
  });

  test('is not given up unseen: prekeys that vanish are told, and with strict nothing is sent', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob } = await vault(fixture);
    const told = epochNotices(ada);
    await adas.send('first');
    hidePrekeys(fixture, (await bob.me()).id);
    const carol = await fixture.user('Carol');
    await carol.join('Vault');
    await expect.poll(async () => (await adas.members()).length).toBe(3);
    await carol.room('Vault');
    await expect(adas.send('second', { strict: true })).rejects.toMatchObject({ code: 'trust' });
    await adas.send('second');
    await expect.poll(() => told.map(({ kind }) => kind)).toContain('prekeys_gone');
  });
});
