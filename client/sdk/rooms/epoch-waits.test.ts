import { describe, expect, test } from 'vitest';
import { refuse } from '../../../src/protocol/error-reply.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { EPOCH_LEASE_MS } from '../../../src/protocol/limits.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { epochOf, plant, storedEpochs, vault } from '../../../test/support/sdk/epoch-room.ts';
import { type Account, LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import type { ManualClock } from '../../../test/support/sdk/manual-clock.ts';
import { memoryStorage, newAccountKeys } from '../index.ts';

/** A second session of this member, of which nobody hears again, says that it makes the next epoch, or that it does not. */
async function announce(fixture: LiveFixture, room: RoomId, member: Account, make: boolean): Promise<void> {
  await fixture.ask(member, 'epochs', { room, after: 0, limit: 1, make });
}

const isWaiting = (fixture: LiveFixture) =>
  eventually(() => expect(fixture.server.bodies('epochs').some(({ make }) => make === true)).toBe(true));

/** What clients said of whether they make the next epoch, oldest first. */
const said = (fixture: LiveFixture): readonly boolean[] =>
  fixture.server.bodies('epochs').flatMap(({ make }) => make ?? []);

/** Bob waits for Ada's epoch with a message, and Carol joins meanwhile. */
async function bobWaits(fixture: LiveFixture) {
  const people = await vault(fixture);
  const { ada, bobs, room } = people;
  await announce(fixture, room, ada, true);
  const sending = bobs.send('while Carol joined');
  await isWaiting(fixture);
  await (await fixture.user('Carol')).join('Vault');
  await expect.poll(async () => (await bobs.members()).length).toBe(3);
  return { ...people, sending };
}

describe('a message that waits for the epoch of another member', () => {
  test('is sent under that epoch when it is for those who are members by then', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, room, sending } = await bobWaits(fixture);
    await plant(fixture, room, { maker: ada });
    await sending;
    expect(await epochOf(fixture, room, ada)).toEqual([1]);
    expect(fixture.server.count('epoch')).toBe(0);
  });

  test('is sent under that epoch though one more has joined, for whom the next message is', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, bobs, room, sending } = await bobWaits(fixture);
    const { version, members } = await fixture.ask(ada, 'members', { room });
    await (await fixture.user('Dan')).join('Vault');
    await expect.poll(async () => (await bobs.members()).length).toBe(4);
    await plant(fixture, room, { maker: ada, version, members });
    await sending;
    expect(fixture.server.count('epoch')).toBe(0);
    await bobs.send('for Dan, too');
    expect(await epochOf(fixture, room, ada)).toEqual([1, 2]);
    expect((await storedEpochs(fixture, room)).map(({ members: count }) => count)).toEqual([3, 4]);
  });

  test('is not sent under an epoch without somebody who was a member when it was written', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bobs, room } = await vault(fixture);
    const before = await fixture.ask(ada, 'members', { room });
    await (await fixture.user('Carol')).join('Vault');
    await expect.poll(async () => (await bobs.members()).length).toBe(3);
    await announce(fixture, room, ada, true);
    const sending = bobs.send('for three');
    await isWaiting(fixture);
    await plant(fixture, room, { maker: ada, version: before.version, members: before.members });
    await sending;
    expect(await epochOf(fixture, room, ada)).toEqual([2]);
    expect((await storedEpochs(fixture, room)).map(({ members }) => members)).toEqual([2, 3]);
    expect((await adas.members()).length).toBe(3);
  });
});

describe('a member whose epoch others wait for', () => {
  /** Somebody whose time stands still. */
  async function timeless(fixture: LiveFixture) {
    const clock = fixture.clock();
    const client = await fixture.client(memoryStorage(await newAccountKeys('Dora')), { clock });
    await client.register();
    await client.join('Vault');
    return { client, clock, room: await client.room('Vault') };
  }

  /** Dora waits for Ada's epoch with a message. */
  async function doraWaits(fixture: LiveFixture, text: string) {
    const { ada, room } = await vault(fixture);
    const dora = await timeless(fixture);
    await announce(fixture, room, ada, true);
    const sending = dora.room.send(text);
    await isWaiting(fixture);
    return { ada, dora, room, sending };
  }

  test('says so when it makes none after all, and whoever wants to is next', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, room } = await vault(fixture);
    const dora = await timeless(fixture);
    await expect.poll(async () => (await adas.members()).length).toBe(3);
    fixture.server.intercept = ({ name }) => (name === 'epoch' ? refuse('bad_request') : undefined);
    await expect(adas.send('never')).rejects.toMatchObject({ code: 'bad_request' });
    fixture.server.honest();
    await eventually(() =>
      expect(fixture.server.bodies('epochs').some(({ make }) => make === false)).toBe(true),
    );
    await dora.room.send('at once');
    expect(await epochOf(fixture, room, ada)).toEqual([1]);
  });

  test('says again that it is at it when that takes long, and is waited for longer than it said first', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, dora, room, sending } = await doraWaits(fixture, 'under the epoch of Ada');
    // The gateway keeps its own time, so that each of these is worth ten seconds from then on.
    for (let seconds = 0; seconds < 15; seconds += 5) {
      await announce(fixture, room, ada, true);
      await dora.clock.advance(5_000);
    }
    expect(fixture.server.count('epoch')).toBe(0);
    await plant(fixture, room, { maker: ada, madeAt: dora.clock.wallTime() });
    await sending;
    expect(fixture.server.count('epoch')).toBe(0);
    expect(await epochOf(fixture, room, ada)).toEqual([1]);
  });

  test('is not waited for without end, however often it says that it is at it', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, dora, room, sending } = await doraWaits(fixture, 'by herself');
    for (let seconds = 0; seconds <= 30; seconds += 5) {
      await announce(fixture, room, ada, true);
      await dora.clock.advance(5_000);
    }
    await sending;
    expect(fixture.server.count('epoch')).toBe(1);
    expect(await epochOf(fixture, room, ada)).toEqual([1]);
  });

  /** Between the keys of the others and the wraps, time goes by. */
  function isSlow(fixture: LiveFixture, clock: ManualClock): void {
    let aheadMs = 0;
    const now = clock.now.bind(clock);
    clock.now = () => now() + aheadMs;
    fixture.server.reply('prekeys', (reply) => {
      aheadMs = 6_000;
      return reply;
    });
  }

  test('says so once more while it is slow', async () => {
    await using fixture = await LiveFixture.start();
    await vault(fixture);
    const dora = await timeless(fixture);
    isSlow(fixture, dora.clock);
    await dora.room.send('slowly');
    expect(said(fixture)).toEqual([true, true]);
  });

  test('says that it makes none only when what it said before was answered, which would undo that', async () => {
    await using fixture = await LiveFixture.start();
    await vault(fixture);
    const dora = await timeless(fixture);
    isSlow(fixture, dora.clock);
    fixture.server.intercept = ({ name }) => {
      if (name === 'epoch') return refuse('bad_request');
      return name === 'epochs' && said(fixture).length === 2 ? 'silence' : undefined;
    };
    await expect(dora.room.send('never')).rejects.toMatchObject({ code: 'bad_request' });
    // Goes the same way, behind whatever was said by then.
    await dora.client.lookup('Vault');
    expect(said(fixture)).toEqual([true, true]);
    await dora.clock.advance(EPOCH_LEASE_MS);
    await eventually(() => expect(said(fixture)).toEqual([true, true, false]));
  });

  test('is asked again within a second while few are online, so that one who has given up is not waited for', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, dora, room, sending } = await doraWaits(fixture, 'soon');
    await announce(fixture, room, ada, false);
    await dora.clock.advance(1_000);
    await sending;
    expect(await epochOf(fixture, room, ada)).toEqual([1]);
  });
});
