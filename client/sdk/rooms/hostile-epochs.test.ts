import { describe, expect, test } from 'vitest';
import { refuse } from '../../../src/protocol/error-reply.ts';
import { parsePrekey } from '../../../src/protocol/layouts/prekey.ts';
import {
  epochNotices,
  epochOf,
  holds,
  newestEpoch,
  plant,
  reasons,
  show,
  storedEpochs,
  vault,
} from '../../../test/support/sdk/epoch-room.ts';
import { LiveFixture, taken } from '../../../test/support/sdk/live-fixture.ts';
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
    await using fixture = await LiveFixture.start();
    const { ada, bob, adas, room } = await vault(fixture);
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
    expect(await epochOf(fixture, room, ada)).toEqual([1, 2]);
    const { epochs } = await fixture.ask(ada, 'epochs', { room, after: 1, limit: 1 });
    await away();
    // The members are the same, and the server would take messages under the epoch of a membership that has ended.
    fixture.server.intercept = ({ name }) =>
      name === 'epoch' ? refuse('conflict', { epoch: epochs[0] ?? expect.unreachable() }) : undefined;
    const sent = fixture.server.count('send');
    await expect(adas.send('after the second')).rejects.toMatchObject({ code: 'conflict' });
    expect(fixture.server.count('send')).toBe(sent);
  });

  test('that does not open for one member is told to them with its maker, and followed by one that opens', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bobs, bob, room } = await vault(fixture);
    const told = epochNotices(bob);
    await adas.send('first');
    const feed = bobs.follow({ after: 'joined' });
    expect(await taken(feed, 1)).toEqual(['first']);
    await plant(fixture, room, { maker: ada, victim: bob });
    await expect
      .poll(() => told.map(({ kind, users, number }) => [kind, users, number]))
      .toEqual([['epoch_of_member', ['Ada'], 2]]);
    await expect.poll(() => reasons(fixture, room)).toEqual(['membership', 'repair', 'repair']);
    expect((await newestEpoch(fixture, room)).body.committer).toBe((await bob.me()).id);
    await holds(ada, room, 3);
    await adas.send('second');
    expect(await taken(feed, 1)).toEqual(['second']);
    expect(await epochOf(fixture, room, ada)).toEqual([1, 3]);
  });

  test('for others than the members that are known here is not sent under, though its maker believed in them', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bobs, bob, room } = await vault(fixture);
    const told = epochNotices(ada);
    const feed = adas.follow({ after: 'joined' });
    await bobs.send('first');
    expect(await taken(feed, 1)).toEqual(['first']);
    // Bob was shown a ghost among the members, under the same roster version.
    const ghost = await fixture.user('Ghost');
    const { id } = await ghost.me();
    const { members } = await fixture.ask(bob, 'members', { room });
    const entry = { ...(members[0] ?? expect.unreachable()), user: id };
    await show(fixture, room, { maker: bob, members: [...members, entry] }, [ada, bob]);
    // As the ids of the three happen to follow each other, Ada's wrap stands where it should among two, and opens, or does not.
    const book = new EpochBook(ada.storage.state);
    const hasLooked = async (): Promise<boolean> => told.length > 0 || (await book.of(room)).highest > 1;
    await expect.poll(hasLooked).toBe(true);
    await adas.send('second');
    // Bob's own client finds nothing of it right either, and may have made one, too.
    const [first, second] = await epochOf(fixture, room, ada);
    expect(first).toBe(1);
    expect(second).toBeGreaterThan(2);
  });

  test('for somebody who was removed, in the place of a member, is not sent under, though it opens and the server takes it', async () => {
    await using fixture = await LiveFixture.start();
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
    const identity = removed.account.storage.account.identities[0]?.signed ?? expect.unreachable();
    const roster = await fixture.ask(bob, 'members', { room });
    const members = roster.members.map((entry) =>
      entry.user === present.user ? { ...entry, user: removed.user, identity } : entry,
    );
    await show(fixture, room, { maker: bob, members }, [ada]);
    await holds(ada, room, 2);
    await adas.send('second');
    const [, under] = await epochOf(fixture, room, ada);
    expect(under).toBeGreaterThan(2);
    const users = [present.user, removed.user];
    const issued = await fixture.stores.epochs.issued(room, Number(under), users);
    expect([...(issued?.copies.keys() ?? [])]).toEqual([present.user]);
  });

  test('with a weaker keying than one before is followed by one with the stronger, and nothing is sealed under it', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, bobs, room } = await vault(fixture);
    const feed = bobs.follow({ after: 'joined' });
    await adas.send('first');
    expect(await taken(feed, 1)).toEqual(['first']);
    await plant(fixture, room, { maker: ada, keying: 1 });
    await holds(bob, room, 2);
    await bobs.send('second');
    expect((await storedEpochs(fixture, room)).map(({ body }) => body.keying)).toEqual([2, 1, 2]);
    expect(await epochOf(fixture, room, ada)).toEqual([1, 3]);
  });
});

describe('a server that shows two epochs of one number', () => {
  test('is told of, and nothing is sent in the room until a person accepts that', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, bob, adas, bobs, room } = await vault(fixture);
    const told = epochNotices(bob);
    await adas.send('first');
    await expect.poll(() => bobs.exposedBy).toEqual([]);
    const feed = bobs.follow({ after: 'joined' });
    expect(await taken(feed, 1)).toEqual(['first']);
    const other = await fixture.user('Other');
    await other.join('Vault');
    await expect.poll(async () => (await bobs.members()).length).toBe(3);
    await show(fixture, room, { maker: other, number: 1 }, [bob]);
    await expect.poll(() => told.map(({ kind }) => kind)).toContain('two_epochs');
    await expect(bobs.send('no')).rejects.toMatchObject({ code: 'trust' });
    const shown = await bob.inspectRoom('Vault');
    expect(shown.fault).toContain('two different keys');
    await bob.trustRoom(shown);
    await bobs.send('accepted');
    const [, accepted] = await epochOf(fixture, room, ada);
    expect(accepted).toBeGreaterThan(1);
  });
});

describe('a server', () => {
  test('that exchanges a member’s wrap is named, and its epoch is not sent under', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bobs, bob, room } = await vault(fixture);
    const told = epochNotices(bob);
    const { server } = fixture;
    server.onEvent = (event) => (event.name === 'epoch' ? [] : [event]);
    server.reply('epochs', (reply) => ({
      ...reply,
      epochs: reply.epochs.map((epoch) => ({ ...epoch, wrap: randomBytes(epoch.wrap.length) })),
    }));
    await adas.send('first');
    const { messages } = await bobs.history({ after: 0 });
    expect(messages.map((message) => message.type === 'message' && message.status)).toEqual([
      'undecryptable',
    ]);
    await expect.poll(() => told.map(({ kind }) => kind)).toEqual(['epoch_of_server']);
    // Shown as it is, it opens: what the server alone can have done leaves no trace.
    server.honest();
    await bobs.send('second');
    expect(await epochOf(fixture, room, ada)).toEqual([1, 1]);
  });

  test('that shows prekeys of the own account from elsewhere is told of, and they are not used for it', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, room } = await vault(fixture);
    const told = epochNotices(ada);
    const { id } = await ada.me();
    const [identity] = ada.storage.account.identities;
    const loaded = await loadIdentityKeys(identity?.keys ?? expect.unreachable());
    const keys = loaded.ok ? loaded.keys : expect.unreachable();
    const { prekeys } = await fixture.ask(ada, 'prekeys', { room });
    const published = prekeys.find(({ user }) => user === id)?.prekey ?? expect.unreachable();
    const { notBefore = 0 } = parsePrekey(published)?.prekey ?? {};
    const owner = { user: id, createdAt: notBefore };
    const [other = expect.unreachable()] = await signPrekeys(newPrekeyChain(), owner, keys, 9);
    fixture.server.reply('prekeys', (reply) => ({
      prekeys: reply.prekeys.map((shown) => (shown.user === id ? { ...shown, prekey: other } : shown)),
    }));
    await adas.send('first');
    await expect
      .poll(() => told.map(({ kind }) => kind))
      .toEqual(['own_prekeys_differ', 'no_forward_secrecy']);
    expect(adas.exposedBy).toEqual(['Ada']);
    expect(await epochOf(fixture, room, ada)).toEqual([1]);
  });
});
