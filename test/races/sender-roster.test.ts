import { expect, test } from 'vitest';
import { memoryStorage, newAccountKeys } from '../../client/sdk/index.ts';
import type { StateStore } from '../../client/sdk/storage/state-store.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import { LiveFixture, taken } from '../support/sdk/live-fixture.ts';
import { settled } from '../support/sdk/manual-clock.ts';

test('a roster that moves on while a message is being made: it is for the members of the version that it names', async () => {
  await using fixture = await LiveFixture.start();
  const { server } = fixture;
  const bob = await fixture.user('Bob');
  const kept = memoryStorage(await newAccountKeys('Ada'));
  let onCheck = async (): Promise<void> => undefined;
  // Between the members and the sealing the client looks at what it pinned of the room.
  const state: StateStore = {
    get: (table, key) => kept.state.get(table, key),
    list: (table) => kept.state.list(table),
    update: async (table, key, change) => {
      if (table === 'room-names') await onCheck();
      return kept.state.update(table, key, change);
    },
  };
  const ada = await fixture.client({ ...kept, state });
  await ada.register();
  await ada.create('Lobby');
  const lobby = await ada.room('Lobby');
  await lobby.members();
  onCheck = async () => {
    onCheck = async () => undefined;
    await bob.join('Lobby');
    await expect.poll(async () => (await lobby.members()).length).toBe(2);
    await settled();
  };
  await lobby.send('made for one');
  await lobby.send('made for two');
  expect(await taken(lobby.follow({ after: 'joined' }), 2)).toEqual(['made for one', 'made for two']);
  expect(server.bodies('send').map(({ wraps }) => wraps.length / WRAP_BYTES)).toEqual([1, 2]);
  expect(await taken((await bob.room('Lobby')).follow({ after: 'joined' }), 1)).toEqual(['made for two']);
});
