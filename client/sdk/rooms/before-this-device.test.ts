import { expect, test } from 'vitest';
import { vault } from '../../../test/support/sdk/epoch-room.ts';
import { LiveFixture, shown } from '../../../test/support/sdk/live-fixture.ts';
import { chainAt } from '../../crypto/epochs/prekeys.ts';
import { contentOf, packContent, parseContent, writeRecords } from '../storage/account-content.ts';
import { memoryStorage } from '../storage/storage.ts';

test('a device that was restored says of messages whose key is in no backup that they are from before it, and reads on', async () => {
  await using fixture = await LiveFixture.start();
  const { ada, bob, adas, bobs } = await vault(fixture);
  await adas.send('long ago');
  await expect.poll(async () => (await bobs.history({ after: 0 })).messages.map(shown)).toEqual(['long ago']);
  const backup = parseContent(packContent(await contentOf(bob.storage, 'backup')));
  await bob.close();
  // Weeks later, what opened the key of that time is gone from every device, and from every backup.
  const identities = await Promise.all(
    backup.account.identities.map(async ({ prekeys, ...identity }) =>
      prekeys === undefined ? identity : { ...identity, prekeys: await chainAt(prekeys, prekeys.week + 4) },
    ),
  );
  const storage = memoryStorage({ ...backup.account, identities });
  await writeRecords(backup.records, storage.state);
  const restored = await fixture.client(storage);
  await restored.connect();
  const room = await restored.room('Vault');
  const read = async () => (await room.history({ after: 0 })).messages.map(shown);
  await expect
    .poll(read)
    .toEqual([
      'undecryptable: it was written before this device had your account, and its key is in no backup',
    ]);
  await room.send('back again');
  await expect.poll(async () => (await read()).at(-1)).toBe('back again');
  await expect
    .poll(async () => (await (await ada.room('Vault')).history({ after: 0 })).messages.map(shown))
    .toEqual(['long ago', 'back again']);
});
