import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newAccountKeys } from '../../client/sdk/index.ts';
import type { MemberEntry } from '../../src/protocol/entities.ts';
import { parseUserId, type UserId } from '../../src/protocol/ids.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { impostorOf, swapKeys } from '../support/hostile/swap-keys.ts';
import { type Actor, read, Theatre } from '../support/hostile/theatre.ts';
import { trustUser, verifyUser } from '../support/sdk/decisions.ts';
import { LiveFixture, taken } from '../support/sdk/live-fixture.ts';
import { present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

/** The server lists more, or other, members than there are. */
function rewriteMembers(rewrite: (members: readonly MemberEntry[]) => readonly MemberEntry[]): void {
  theatre.hostile.reply('members', (reply) => ({ ...reply, members: [...rewrite(reply.members)] }));
}

/** Alice behind the hostile server, Bob honestly connected, both in one room. */
async function aliceAndBob(): Promise<{ alice: Actor; bob: Actor; bobId: UserId; room: string }> {
  const [alice, bob] = await Promise.all([
    theatre.actor(theatre.name('Alice')),
    theatre.actor(theatre.name('Bob'), { honestly: true }),
  ]);
  const room = theatre.name('Lobby');
  await bob.client.create(room);
  await alice.client.join(room);
  return { alice, bob, bobId: (await bob.client.me()).id, room };
}

describe('a server that swaps keys', () => {
  it('at first contact is found by comparing safety numbers or a fingerprint', async () => {
    const { alice, bob, bobId } = await aliceAndBob();
    const [{ user: alices }, { user: bobs, fingerprint }] = [await alice.client.me(), await bob.client.me()];
    swapKeys(theatre.hostile, bobId, await impostorOf(bob));
    const seenByAlice = await alice.client.safetyNumber(bobs);
    expect(seenByAlice.number).not.toBe((await bob.client.safetyNumber(alices)).number);
    expect(seenByAlice.trust).toBe('pinned');
    await expect(verifyUser(alice.client, bobs, fingerprint)).rejects.toMatchObject({ code: 'trust' });
  });

  it('at first contact cannot go back to honesty unseen', async () => {
    const { alice, bob, bobId, room } = await aliceAndBob();
    swapKeys(theatre.hostile, bobId, await impostorOf(bob));
    const alices = await alice.client.room(room);
    await alices.send('into the wrong hands');
    theatre.hostile.honest();
    const again = await theatre.restart(alice);
    await expect((await again.client.room(room)).send('hello')).rejects.toMatchObject({ code: 'trust' });
    expect(await read(await bob.client.room(room))).toEqual([
      'undecryptable: it was not encrypted for any of your keys',
    ]);
  });

  it('after first contact stops the sending until a person accepts it', async () => {
    const { alice, bob, bobId, room } = await aliceAndBob();
    const { user } = await bob.client.me();
    await (await alice.client.room(room)).send('to Bob');
    swapKeys(theatre.hostile, bobId, await impostorOf(bob));
    const again = await theatre.restart(alice);
    const notices = again.client.notices();
    const alices = await again.client.room(room);
    await expect(alices.send('to whom?')).rejects.toMatchObject({ code: 'trust' });
    expect((await notices.next()).value).toMatchObject({ type: 'key-changed', user });
    await expect(alices.send('still not')).rejects.toMatchObject({ code: 'trust' });
    expect(theatre.hostile.count('send')).toBe(1);
    expect(await trustUser(again.client, user)).toMatchObject({ trust: 'pinned' });
    await alices.send('as you wish');
  });

  it('of the user itself stops the sending: these are not its keys', async () => {
    const { alice, room } = await aliceAndBob();
    swapKeys(theatre.hostile, (await alice.client.me()).id, await impostorOf(alice));
    const alices = await alice.client.room(room);
    await expect(alices.send('hello')).rejects.toMatchObject({ code: 'trust' });
  });

  it('for what a sender already wrote gets it marked as forged', async () => {
    const { alice, bob, bobId, room } = await aliceAndBob();
    await (await bob.client.room(room)).send('by the real one');
    swapKeys(theatre.hostile, bobId, await impostorOf(bob));
    expect(await read(await alice.client.room(room))).toEqual([
      'forged: it was signed with keys that are not accepted as those of its sender',
    ]);
  });
});

describe('a server that swaps people', () => {
  it('cannot give a known name to another id', async () => {
    const { alice, bobId, room } = await aliceAndBob();
    await (await alice.client.room(room)).send('to Bob');
    const other = present(parseUserId('ab'.repeat(16)));
    rewriteMembers((members) =>
      members.map((entry) => (entry.user === bobId ? { ...entry, user: other } : entry)),
    );
    const alices = await (await theatre.restart(alice)).client.room(room);
    await expect(alices.send('to whom?')).rejects.toMatchObject({ code: 'trust' });
    expect((await alices.members()).map(({ trust }) => trust).sort()).toEqual(['changed', 'verified']);
  });

  it('cannot give a known id to another name', async () => {
    const { alice, bobId, room } = await aliceAndBob();
    await (await alice.client.room(room)).send('to Bob');
    const carol = await newAccountKeys(theatre.name('Carol'));
    const identity = present(carol.identities[0]).signed;
    rewriteMembers((members) =>
      members.map((entry) => (entry.user === bobId ? { ...entry, identity, name: carol.name } : entry)),
    );
    const alices = await (await theatre.restart(alice)).client.room(room);
    await expect(alices.send('to whom?')).rejects.toMatchObject({ code: 'trust' });
  });

  it('cannot tell a user that its own account has another id', async () => {
    const { alice } = await aliceAndBob();
    const other = present(parseUserId('cd'.repeat(16)));
    for (const name of ['resume', 'answer'] as const)
      theatre.hostile.reply(name, (reply) => ({ ...reply, user: other }));
    await expect(theatre.restart(alice)).rejects.toMatchObject({ code: 'trust' });
  });
});

describe('ghosts', () => {
  it('a member whom the server adds is in the list that everybody sees', async () => {
    await using fixture = await LiveFixture.start();
    const [ada, eve] = [await fixture.user('Ada'), await fixture.user('Eve')];
    await ada.create('Lobby');
    await fixture.ask(eve, 'join', { name: present(parseRoomName('Lobby')) });
    const lobby = await ada.room('Lobby');
    await lobby.send('hello, whoever is here');
    expect((await lobby.members()).map(({ user }) => user)).toEqual(['Ada', 'Eve']);
    expect(await taken((await eve.room('Lobby')).follow({ after: 'joined' }), 1)).toHaveLength(1);
  });

  it('a member whom the server adds to a locked room reads nothing, live or stored', async () => {
    await using fixture = await LiveFixture.start();
    const [ada, eve] = [await fixture.user('Ada'), await fixture.user('Eve')];
    await ada.create('Vault', { password: 'secret words' });
    const { proof } = present(fixture.server.bodies('create').at(-1)?.password);
    await fixture.ask(eve, 'join', { name: present(parseRoomName('Vault')), proof });
    const vault = await ada.room('Vault');
    await vault.send('stored');
    const eves = await eve.room('Vault');
    const seen = eves.follow({ after: 'joined' });
    const needsPassword =
      'needs_password: it was written under a room password that you have not entered here';
    expect(await taken(seen, 1)).toEqual([needsPassword]);
    await vault.send('live');
    expect(await taken(seen, 1)).toEqual([needsPassword]);
    expect((await vault.members()).map(({ user }) => user)).toContain('Eve');
  });

  it('a wrap for a ghost that only the sender was shown marks the message for everybody else', async () => {
    const { alice, bob, room } = await aliceAndBob();
    const ghost = await theatre.actor(theatre.name('Ghost'), { honestly: true });
    const { id, user } = await ghost.client.me();
    const identity = present(ghost.storage.account.identities[0]).signed;
    rewriteMembers((members) => [
      ...members,
      { user: id, name: user, role: 'member', joined: 0, since: 1, identity },
    ]);
    const alices = await alice.client.room(room);
    const ascending = (await alices.members()).map((member) => member.id).sort();
    expect(ascending).toContain(id);
    // The gateway takes one wrap for each real member: the server keeps the ghost's for itself.
    const at = ascending.indexOf(id) * WRAP_BYTES;
    theatre.hostile.divert('send', (body) => ({
      ...body,
      wraps: Buffer.concat([body.wraps.subarray(0, at), body.wraps.subarray(at + WRAP_BYTES)]),
    }));
    await alices.send('between us');
    expect(await read(await bob.client.room(room))).toEqual(['between us [recipients_differ]']);
  });

  it('a member whom the server hides from the sender cannot read, and sees that it was left out', async () => {
    const { alice, bob, bobId, room } = await aliceAndBob();
    const carol = await theatre.actor(theatre.name('Carol'), { honestly: true });
    await carol.client.join(room);
    const { id } = await carol.client.me();
    const real = [bobId, id, (await alice.client.me()).id].sort();
    rewriteMembers((members) => members.filter(({ user }) => user !== id));
    theatre.hostile.onEvent = (event) => (event.name === 'roster' ? [] : [event]);
    const alices = await alice.client.room(room);
    const at = real.indexOf(id) * WRAP_BYTES;
    theatre.hostile.divert('send', (body) => ({
      ...body,
      wraps: Buffer.concat([body.wraps.subarray(0, at), new Uint8Array(WRAP_BYTES), body.wraps.subarray(at)]),
    }));
    await alices.send('without Carol');
    expect(await read(await bob.client.room(room))).toEqual(['without Carol [recipients_differ]']);
    expect(await read(await carol.client.room(room))).toEqual([
      'undecryptable: it was not encrypted for any of your keys',
    ]);
  });
});
