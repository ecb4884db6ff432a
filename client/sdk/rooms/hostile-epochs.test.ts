import { describe, expect, test } from 'vitest';
import { parsePrekey } from '../../../src/protocol/layouts/prekey.ts';
import {
  epochNotices,
  epochOf,
  fixtureOfEpochs,
  holds,
  plant,
  reasons,
  vault,
} from '../../../test/support/sdk/epoch-room.ts';
import { taken } from '../../../test/support/sdk/sdk-fixture.ts';
import { newPrekeyChain, signPrekeys } from '../../crypto/epochs/prekeys.ts';
import { loadIdentityKeys } from '../../crypto/identity-keys.ts';
import { randomBytes } from '../../crypto/web-crypto.ts';
import { EpochBook } from './epoch-book.ts';
import type { RoomChange } from './room-events.ts';

/** The next that is told of members, of all that is told of a room. */
async function memberChange(changes: AsyncIterator<RoomChange>): Promise<RoomChange> {
  for (;;) {
    const { value, done } = await changes.next();
    if (done === true) return expect.unreachable();
    if (value.type.startsWith('member-')) return value;
  }
}

describe('an epoch that somebody else made', () => {
  test('is not sent under by whoever knows that a recipient has left since, whatever the server takes', async () => {
    await using fixture = await fixtureOfEpochs();
    const { bob, adas, room } = await vault(fixture);
    await adas.send('for both');
    const changes = adas.changes();
    const away = async (): Promise<void> => {
      await bob.leave('Vault');
      await bob.join('Vault');
      for (const type of ['member-left', 'member-joined'])
        expect(await memberChange(changes)).toMatchObject({ type });
    };
    await away();
    await adas.send('after the return');
    expect(epochOf(room)).toEqual([1, 2]);
    await away();
    // The members are the same, and the server would take messages under the epoch of a membership that has ended.
    room.floor = 0;
    await expect(adas.send('after the second')).rejects.toMatchObject({ code: 'conflict' });
    expect(epochOf(room)).toEqual([1, 2]);
  });

  test('that does not open for one member is told to them with its maker, and followed by one that opens', async () => {
    await using fixture = await fixtureOfEpochs();
    const { ada, adas, bobs, bob, room } = await vault(fixture);
    const told = epochNotices(bob);
    await adas.send('first');
    const feed = bobs.follow({ after: 'joined' });
    expect(await taken(feed, 1)).toEqual(['first']);
    await plant(fixture, room, { maker: ada, victim: bob });
    await expect
      .poll(() => told.map(({ kind, users, number }) => [kind, users, number]))
      .toEqual([['epoch_of_member', ['Ada'], 2]]);
    await expect.poll(() => reasons(room)).toEqual(['membership', 'repair', 'repair']);
    expect(room.epochs.newest?.body.committer).toBe((await bob.me()).id);
    await holds(ada, room, 3);
    await adas.send('second');
    expect(await taken(feed, 1)).toEqual(['second']);
    expect(epochOf(room)).toEqual([1, 3]);
  });

  test('for others than the members that are known here is not sent under, though its maker believed in them', async () => {
    await using fixture = await fixtureOfEpochs();
    const { ada, adas, bobs, bob, room } = await vault(fixture);
    const told = epochNotices(ada);
    const feed = adas.follow({ after: 'joined' });
    await bobs.send('first');
    expect(await taken(feed, 1)).toEqual(['first']);
    // Bob was shown a ghost among the members, under the same roster version.
    const ghost = await fixture.user('Ghost');
    const { id } = await ghost.me();
    const members = room.members();
    const [someone] = members;
    const entry = { ...(someone ?? expect.unreachable()), user: id };
    room.stretches.push(entry);
    await plant(fixture, room, { maker: bob });
    room.stretches.splice(room.stretches.indexOf(entry), 1);
    // As the ids of the three happen to follow each other, Ada's wrap stands where it should among two, and opens, or does not.
    const book = new EpochBook(ada.storage.state);
    const hasLooked = async (): Promise<boolean> => told.length > 0 || (await book.of(room.id)).highest > 1;
    await expect.poll(hasLooked).toBe(true);
    await adas.send('second');
    // Bob's own client finds nothing of it right either, and may have made one, too.
    expect(epochOf(room)[0]).toBe(1);
    expect(epochOf(room)[1]).toBeGreaterThan(2);
    expect(room.epochs.newest?.copies.has(id)).toBe(false);
  });

  test('for somebody who was removed, in the place of a member, is not sent under, though it opens and the server takes it', async () => {
    await using fixture = await fixtureOfEpochs();
    const { ada, adas, bob, room } = await vault(fixture);
    const { id } = await ada.me();
    const others = [await fixture.user('Cid'), await fixture.user('Dan'), await fixture.user('Eve')];
    const known = await Promise.all(
      others.map(async (account) => ({ account, user: (await account.me()).id })),
    );
    // Two whose ids stand on the same side of Ada's: her wrap then stands in one place, whichever of them is a member.
    const before = known.filter(({ user }) => user < id);
    const [removed, present] = before.length > 1 ? before : known.filter(({ user }) => user > id);
    if (removed === undefined || present === undefined) return expect.unreachable();
    const changes = adas.changes();
    await removed.account.join('Vault');
    expect(await memberChange(changes)).toMatchObject({ type: 'member-joined' });
    await adas.kick((await removed.account.me()).user);
    await present.account.join('Vault');
    for (const type of ['member-kicked', 'member-joined'])
      expect(await memberChange(changes)).toMatchObject({ type });
    await adas.send('first');
    // The server shows Bob the one who was removed as a member still, and hides the one who joined.
    const at = room.stretches.findIndex((entry) => entry.user === present.user && entry.left === undefined);
    const stretch = room.stretches[at] ?? expect.unreachable();
    const { name, chain } = fixture.server.user((await removed.account.me()).user);
    const identity = chain.at(-1) ?? expect.unreachable();
    room.stretches[at] = { ...stretch, user: removed.user, name, identity };
    await plant(fixture, room, { maker: bob });
    room.stretches[at] = stretch;
    const planted = room.epochs.newest ?? expect.unreachable();
    expect(planted.copies.has(removed.user)).toBe(true);
    await holds(ada, room, planted.body.number);
    await adas.send('second');
    const under = room.epochs.stored.find(({ body }) => body.number === epochOf(room).at(-1));
    expect(under?.copies.has(present.user)).toBe(true);
    expect(under?.copies.has(removed.user)).toBe(false);
  });

  test('with a weaker keying than one before is followed by one with the stronger, and nothing is sealed under it', async () => {
    await using fixture = await fixtureOfEpochs();
    const { ada, adas, bob, bobs, room } = await vault(fixture);
    const feed = bobs.follow({ after: 'joined' });
    await adas.send('first');
    expect(await taken(feed, 1)).toEqual(['first']);
    await plant(fixture, room, { maker: ada, keying: 1 });
    await holds(bob, room, 2);
    await bobs.send('second');
    expect(room.epochs.stored.map(({ body }) => body.keying)).toEqual([2, 1, 2]);
    expect(epochOf(room)).toEqual([1, 3]);
  });
});

describe('a server that shows two epochs of one number', () => {
  test('is told of, and nothing is sent in the room until a person accepts that', async () => {
    await using fixture = await fixtureOfEpochs();
    const { bob, adas, bobs, room } = await vault(fixture);
    const told = epochNotices(bob);
    await adas.send('first');
    await expect.poll(() => bobs.exposedBy).toEqual([]);
    const feed = bobs.follow({ after: 'joined' });
    expect(await taken(feed, 1)).toEqual(['first']);
    // The server forgets the epoch, and Ada's client makes another of the same number.
    const ada = await fixture.user('Other');
    await ada.join('Vault');
    room.epochs.stored = [];
    const others = await ada.room('Vault');
    await others.send('under another first epoch');
    await expect.poll(() => told.map(({ kind }) => kind)).toContain('two_epochs');
    await expect(bobs.send('no')).rejects.toMatchObject({ code: 'trust' });
    const shown = await bob.inspectRoom('Vault');
    expect(shown.fault).toContain('two different keys');
    await bob.trustRoom(shown);
    await bobs.send('accepted');
    expect(epochOf(room)).toEqual([1, 1, 3]);
  });
});

describe('a server', () => {
  test('that exchanges a member’s wrap is named, and its epoch is not sent under', async () => {
    await using fixture = await fixtureOfEpochs();
    const { adas, bobs, bob, room } = await vault(fixture);
    const told = epochNotices(bob);
    const { id } = await bob.me();
    fixture.server.tellsEpochs = () => false;
    await adas.send('first');
    const [epoch] = room.epochs.stored;
    const copies = new Map(epoch?.copies);
    const own = copies.get(id) ?? expect.unreachable();
    copies.set(id, { ...own, wrap: randomBytes(own.wrap.length) });
    room.epochs.stored = [{ ...(epoch ?? expect.unreachable()), copies }];
    const { messages } = await bobs.history({ after: 0 });
    expect(messages.map((message) => message.type === 'message' && message.status)).toEqual([
      'undecryptable',
    ]);
    await expect.poll(() => told.map(({ kind }) => kind)).toEqual(['epoch_of_server']);
    // Shown as it is, it opens: what the server alone can have done leaves no trace.
    room.epochs.stored = [epoch ?? expect.unreachable()];
    await bobs.send('second');
    expect(epochOf(room)).toEqual([1, 1]);
  });

  test('that shows prekeys of the own account from elsewhere is told of, and they are not used for it', async () => {
    await using fixture = await fixtureOfEpochs();
    const { ada, adas, room } = await vault(fixture);
    const told = epochNotices(ada);
    const { id } = await ada.me();
    const [identity] = ada.storage.account.identities;
    const loaded = await loadIdentityKeys(identity?.keys ?? expect.unreachable());
    const keys = loaded.ok ? loaded.keys : expect.unreachable();
    const [published] = fixture.server.prekeys.get(id) ?? [];
    const { notBefore = 0 } = parsePrekey(published ?? new Uint8Array())?.prekey ?? {};
    const owner = { user: id, createdAt: notBefore };
    fixture.server.prekeys.set(id, await signPrekeys(newPrekeyChain(), owner, keys, 9));
    await adas.send('first');
    await expect
      .poll(() => told.map(({ kind }) => kind))
      .toEqual(['own_prekeys_differ', 'no_forward_secrecy']);
    expect(adas.exposedBy).toEqual(['Ada']);
    expect(epochOf(room)).toEqual([1]);
  });
});
