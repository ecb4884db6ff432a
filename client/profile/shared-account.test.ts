import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { repeated, showHead, showHistory } from '../../test/support/hostile/show-history.ts';
import { verifyUser } from '../../test/support/sdk/decisions.ts';
import { LiveFixture, taken } from '../../test/support/sdk/live-fixture.ts';
import { newAccountKeys } from '../sdk/index.ts';
import { Profile } from './profile.ts';

test('clients of one profile share token, pins and what they have read: a replay stays one after a restart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'conclave-shared-'));
  try {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const origin = parseOrigin(server.url) ?? expect.unreachable();
    const profile = new Profile(join(directory, 'conclave'));
    const account = await newAccountKeys('Bob');
    await profile.create(origin, account, undefined);
    const ada = await fixture.user('Ada');
    await ada.create('Lobby');

    const first = await profile.open(origin, account.name, undefined);
    const bob = await fixture.client(first);
    await bob.register();
    await bob.join('Lobby');
    const room = await ada.room('Lobby');
    for (const text of ['pay me', 'done']) await room.send(text);
    expect(await taken((await bob.room('Lobby')).follow({ after: 'joined' }), 2)).toEqual(['pay me', 'done']);
    await verifyUser(bob, 'Ada');
    await bob.close();
    await first.close();

    showHistory(server, repeated(0, 3));
    showHead(server, 3);
    const second = await profile.open(origin, account.name, undefined);
    const later = await fixture.client(second);
    await later.connect();
    expect([server.count('login'), server.count('resume')]).toEqual([2, 1]);
    const messages = (await later.room('Lobby')).follow({ after: 'joined', live: false });
    expect(await taken(messages, 99)).toEqual([
      'pay me',
      'done',
      'replayed: it was seen before, in another place or form',
    ]);
    expect(await later.person('Ada')).toMatchObject({ trust: 'verified' });
    await later.close();
    await second.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
