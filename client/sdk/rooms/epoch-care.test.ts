import { describe, expect, test } from 'vitest';
import { hidePrekeys, vault } from '../../../test/support/sdk/epoch-room.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';

describe('the suite of a room', () => {
  test('is told with the members who have no prekeys, and those whose keys open what is sent', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, bob, adas, room } = await vault(fixture);
    await adas.send('with prekeys');
    expect(await ada.suiteOf(room)).toEqual({ suite: 2, exposedBy: [], withoutPrekeys: [] });
    hidePrekeys(fixture, (await bob.me()).id);
    expect(await ada.suiteOf(room)).toEqual({ suite: 2, exposedBy: [], withoutPrekeys: ['Bob'] });
    const cid = await fixture.user('Cid');
    await cid.join('Vault');
    await expect.poll(async () => (await adas.members()).length).toBe(3);
    await adas.send('without those of Bob');
    expect(await ada.suiteOf(room)).toEqual({ suite: 2, exposedBy: ['Bob'], withoutPrekeys: ['Bob'] });
  });

  test('is told of epochs that nobody here has read yet', async () => {
    await using fixture = await LiveFixture.start();
    const { bob, adas, bobs, room } = await vault(fixture);
    const { id } = await bob.me();
    bobs.close();
    fixture.server.onEvent = (event) => (event.name === 'epoch' ? [] : [event]);
    hidePrekeys(fixture, id);
    await adas.send('while Bob is elsewhere');
    expect(await bob.suiteOf(room)).toMatchObject({ suite: 2, exposedBy: ['Bob'] });
  });

  test.each([
    ['of suite 1', ['prekeys', 'suite-2']],
    ['of a gateway of an earlier release', ['prekeys']],
  ])('is the first one in a room %s', async (_, features) => {
    await using fixture = await LiveFixture.start();
    fixture.server.offer(features);
    const ada = await fixture.user('Ada');
    const { id } = await ada.create('Lobby');
    expect(await ada.suiteOf(id)).toEqual({ suite: 1, exposedBy: [], withoutPrekeys: [] });
  });
});
