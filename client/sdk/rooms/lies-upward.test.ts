import { describe, expect, test } from 'vitest';
import { featureNames } from '../../../src/protocol/features.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { epochOf, holds, plant, show, storedEpochs, vault } from '../../../test/support/sdk/epoch-room.ts';
import { type Account, LiveFixture, lobby } from '../../../test/support/sdk/live-fixture.ts';
import { randomBytes } from '../../crypto/web-crypto.ts';
import type { Room } from './room.ts';

const FAR = 1_000_000_000_000;

async function isJoined(fixture: LiveFixture, name: string, adas: Awaited<ReturnType<typeof vault>>['adas']) {
  const count = (await adas.members()).length;
  await (await fixture.user(name)).join('Vault');
  await expect.poll(async () => (await adas.members()).length).toBe(count + 1);
}

/** Bob made an epoch of this number, which Ada alone was shown. */
async function shownTo(fixture: LiveFixture, ada: Account, bob: Account, room: RoomId, number: number) {
  await show(fixture, room, { maker: bob, number }, [ada]);
  await holds(ada, room, number);
}

/** A person looks at what the server shows now, reads this, and accepts it. */
async function accepts(account: Account, name: string, fault: string): Promise<void> {
  const shown = await account.inspectRoom(name);
  expect(shown.fault).toContain(fault);
  await account.trustRoom(shown);
  expect((await account.inspectRoom(name)).fault).toBeUndefined();
}

describe('a number of an epoch that the server has not stored', () => {
  test('costs no message when it is near: the next epoch follows it', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, bobs, room } = await vault(fixture);
    await adas.send('one');
    await shownTo(fixture, ada, bob, room, 5);
    await adas.send('two');
    await bobs.send('three');
    expect(await epochOf(fixture, room, ada)).toEqual([1, 6, 6]);
  });

  test('stops messages when it is far, until a person accepts that, though the room stays open', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, bobs, room } = await vault(fixture);
    await adas.send('one');
    await shownTo(fixture, ada, bob, room, FAR);
    await expect(adas.send('never')).rejects.toMatchObject({
      code: 'trust',
      message: expect.stringContaining('conclave room trust Vault'),
    });
    await accepts(ada, 'Vault', 'number 1,000,000,000,000');
    await adas.send('two');
    await isJoined(fixture, 'Carol', adas);
    await adas.send('three');
    await bobs.send('four');
    expect(await epochOf(fixture, room, ada)).toEqual([1, 1, 2, 2]);
  });

  test('is not followed, though it was shown on this connection, and accepted once more when another is shown', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, room } = await vault(fixture);
    await adas.send('one');
    for (const [name, last] of [
      ['Carol', 2],
      ['Dan', 3],
    ] as const) {
      await shownTo(fixture, ada, bob, room, FAR);
      await isJoined(fixture, name, adas);
      await expect(adas.send('never')).rejects.toMatchObject({ code: 'trust' });
      await accepts(ada, 'Vault', 'number 1,000,000,000,000');
      await adas.send(`for ${name}`);
      expect((await epochOf(fixture, room, ada)).at(-1)).toBe(last);
    }
  });

  test('stops messages after a restart, too, until a person accepts that', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, room } = await vault(fixture);
    await adas.send('one');
    await shownTo(fixture, ada, bob, room, FAR);
    await ada.close();
    const client = await fixture.client(ada.storage);
    const again = Object.assign(client, { storage: ada.storage });
    await client.connect();
    const room2 = await again.room('Vault');
    await expect(room2.send('never')).rejects.toMatchObject({ code: 'trust' });
    await accepts(again, 'Vault', 'number 1,000,000,000,000');
    await room2.send('two');
    expect(await epochOf(fixture, room, again)).toEqual([1, 1]);
  });

  test('raises nothing when no member signed it, whether an event or the room tells it', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, room } = await vault(fixture);
    await adas.send('one');
    const [{ epochs }] = [await fixture.ask(ada, 'epochs', { room, after: 0, limit: 1 })];
    const [{ wrap, path }] = [epochs[0] ?? expect.unreachable()];
    const epoch = { number: FAR, record: randomBytes(300), wrap, path };
    fixture.server.tell({ name: 'epoch', body: { room, epoch } }, (await ada.me()).id);
    fixture.server.claim((info) => ({ ...info, epoch: FAR }));
    const entered = fixture.server.count('enter');
    fixture.server.cut();
    await expect.poll(() => fixture.server.count('enter')).toBeGreaterThan(entered);
    await adas.send('two');
    await isJoined(fixture, 'Carol', adas);
    await adas.send('three');
    expect((await storedEpochs(fixture, room)).map(({ number }) => number)).toEqual([1, 2]);
    expect(await epochOf(fixture, room, ada)).toEqual([1, 1, 2]);
  });

  test('is followed by none when there is no higher number', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, bob, adas, room } = await vault(fixture);
    await shownTo(fixture, ada, bob, room, Number.MAX_SAFE_INTEGER);
    fixture.server.claim((info) => ({ ...info, epoch: Number.MAX_SAFE_INTEGER }));
    fixture.server.cut();
    await isJoined(fixture, 'Carol', adas);
    await expect(adas.send('never')).rejects.toMatchObject({ code: 'trust' });
    fixture.server.honest();
    await accepts(ada, 'Vault', 'has forgotten');
    await adas.send('one');
    expect(await epochOf(fixture, room, ada)).toEqual([1]);
  });
});

test('an epoch that its maker dates back to long ago costs each sender no epoch a message', async () => {
  await using fixture = await LiveFixture.start();
  const { ada, adas, bob, room } = await vault(fixture);
  await plant(fixture, room, { maker: bob, madeAt: 0 });
  await holds(ada, room, 1);
  for (const text of ['one', 'two', 'three']) await adas.send(text);
  expect(fixture.server.count('epoch')).toBeLessThanOrEqual(1);
  expect(await epochOf(fixture, room, ada)).toEqual([1, 1, 1]);
});

test('the stronger wrapping that one epoch had is given up by a person alone', async () => {
  await using fixture = await LiveFixture.start();
  const { ada, adas, room } = await vault(fixture);
  await adas.send('one');
  fixture.server.offer(featureNames.filter((name) => name !== 'prekeys'));
  fixture.server.cut();
  await isJoined(fixture, 'Carol', adas);
  await expect(adas.send('never')).rejects.toMatchObject({
    code: 'trust',
    message: expect.stringContaining('conclave room trust Vault'),
  });
  await accepts(ada, 'Vault', 'no longer offers the protection');
  await adas.send('two');
  expect((await storedEpochs(fixture, room)).map(({ body }) => body.keying)).toEqual([2, 1]);
});

/** The server claimed a version of the members that never was, and is honest again. */
async function hasClaimedVersion(fixture: LiveFixture, room: Room): Promise<void> {
  fixture.server.claim((info) => ({ ...info, version: FAR }));
  fixture.server.reply('members', (reply) => ({ ...reply, version: FAR }));
  fixture.server.instead('send', () => ({ seq: 1, at: 1, headerHash: new Uint8Array(32) }));
  fixture.server.cut();
  await expect(room.send('never')).rejects.toThrow();
  fixture.server.honest();
  fixture.server.cut();
}

/** Nothing is sent, and the error names the way out. */
async function isStopped(room: Room, way: string): Promise<void> {
  await expect(room.send('not yet')).rejects.toMatchObject({
    code: 'trust',
    message: expect.stringContaining(`conclave room trust ${way}, or in the chat with /join ${way}`),
  });
}

test('a version of the members that never was is given up by a person, though the room stays open', async () => {
  await using fixture = await LiveFixture.start();
  const { ada, adas } = await lobby(fixture);
  await hasClaimedVersion(fixture, adas);
  await isStopped(adas, 'Lobby');
  await accepts(ada, 'Lobby', 'earlier member list');
  await adas.send('one');
});

test('what a server claimed of a direct room is given up by a person under the name that people know', async () => {
  await using fixture = await LiveFixture.start();
  const [ada] = [await fixture.user('Ada'), await fixture.user('Bob')];
  await ada.contacts.direct('Bob');
  const room = await ada.room('@Bob');
  await hasClaimedVersion(fixture, room);
  await isStopped(room, '@Bob');
  expect(await ada.inspectRoom('@bob')).toMatchObject({ room: '@Bob' });
  await accepts(ada, '@bob', 'earlier member list of @Bob');
  await room.send('one');
  await expect(ada.inspectRoom('@Carol')).rejects.toMatchObject({ code: 'not_a_member' });
});

test('a suite that the room never had is given up by a person, though the room stays open', async () => {
  await using fixture = await LiveFixture.start();
  const { ada, adas } = await lobby(fixture);
  fixture.server.claim((info) => ({ ...info, suite: 2, header: 2 }));
  fixture.server.cut();
  await expect.poll(() => adas.suite).toBe(2);
  fixture.server.honest();
  fixture.server.cut();
  await expect(adas.send('never')).rejects.toMatchObject({
    code: 'unsupported_version',
    message: expect.stringMatching(/earlier encryption.*conclave room trust (Lobby|ROOM)/),
  });
  await accepts(ada, 'Lobby', 'earlier encryption');
  await adas.send('one');
});
