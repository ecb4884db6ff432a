import { expect, test } from 'vitest';
import { repeated, showHead, showHistory } from '../../../test/support/hostile/show-history.ts';
import { AsynchronousChains, AsynchronousState } from '../../../test/support/sdk/asynchronous-stores.ts';
import { LiveFixture, taken } from '../../../test/support/sdk/live-fixture.ts';
import { memoryStorage, newAccountKeys } from '../index.ts';

test('a client sends, reads and notices a replay with stores that read asynchronously', async () => {
  await using fixture = await LiveFixture.start();
  const { server } = fixture;
  const storage = {
    ...memoryStorage(await newAccountKeys('Bob')),
    ...{ state: new AsynchronousState(), chains: new AsynchronousChains() },
  };
  const ada = await fixture.user('Ada');
  await ada.create('Lobby');
  const bob = await fixture.client(storage);
  await bob.register();
  await bob.join('Lobby');
  const adas = await ada.room('Lobby');
  const bobs = await bob.room('Lobby');
  await Promise.all([adas.send('one'), bobs.send('two')]);
  expect((await taken(bobs.follow({ after: 'joined' }), 2)).sort()).toEqual(['one', 'two']);
  await bob.close();

  showHistory(server, repeated(0, 3));
  showHead(server, 3);
  const later = await fixture.client(storage);
  await later.connect();
  const again = await taken((await later.room('Lobby')).follow({ after: 'joined', live: false }), 9);
  expect(again.slice(0, 2).sort()).toEqual(['one', 'two']);
  expect(again.slice(2)).toEqual([expect.stringMatching(/^replayed: /)]);
});
