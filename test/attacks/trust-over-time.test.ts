import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { suiteOne } from '../../client/crypto/suite-one.ts';
import type { Room, RoomMessage } from '../../client/sdk/index.ts';
import { loadOwnAccount } from '../../client/sdk/people/own-account.ts';
import { ownKeyRecord } from '../../client/sdk/people/own-standing.ts';
import { packPerson, parsePerson } from '../../client/sdk/people/person-record.ts';
import { putRecord } from '../../client/sdk/storage/records.ts';
import { fingerprintBytes, parseFingerprint, type UserId } from '../../src/protocol/ids.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import { eventually } from '../support/eventually.ts';
import { pairIn } from '../support/hostile/pair.ts';
import { impostorOf, swapKeys } from '../support/hostile/swap-keys.ts';
import { type Actor, read, shown, Theatre } from '../support/hostile/theatre.ts';
import { trustUser, verifyUser } from '../support/sdk/decisions.ts';
import { newChain, newMessage, present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

/** The accepted keys of a user count as replaced longer ago than rosters may be behind. */
async function longAgo({ storage }: Actor, user: UserId): Promise<void> {
  await storage.state.update('people', user, (stored) => {
    const person = present(parsePerson(stored));
    return { value: packPerson({ ...person, since: 1 }), result: undefined };
  });
}

describe('a server that shows one key and has another accepted', () => {
  it('gets the one that was compared marked as verified, and no other', async () => {
    const { alice, bob, bobId, bobs, room } = await pairIn(theatre);
    const safety = await alice.client.safetyNumber(bobs);
    swapKeys(theatre.hostile, bobId, await impostorOf(bob));
    await alice.client.verify(safety.shown);
    theatre.hostile.honest();
    expect(await alice.client.person(bobs)).toMatchObject({
      trust: 'verified',
      fingerprint: (await bob.client.me()).fingerprint,
    });
    await (await alice.client.room(room)).send('to Bob');
  });

  it('cannot have a key trusted that was not on the screen', async () => {
    const { alice, bob, bobId, bobs, room } = await pairIn(theatre);
    await (await alice.client.room(room)).send('to Bob');
    const [first, second] = [await impostorOf(bob), await impostorOf(bob)];
    swapKeys(theatre.hostile, bobId, first);
    const { shown } = await alice.client.person(bobs);
    swapKeys(theatre.hostile, bobId, second);
    expect(await alice.client.person(bobs)).toMatchObject({ trust: 'changed' });
    await expect(alice.client.trust(shown)).rejects.toMatchObject({ code: 'trust' });
    await expect(alice.client.verify(shown)).rejects.toMatchObject({ code: 'trust' });
    const again = await theatre.restart(alice);
    await expect((await again.client.room(room)).send('to whom?')).rejects.toMatchObject({ code: 'trust' });
  });
});

describe('a server that goes back', () => {
  it('to its first fake key, after the real one was verified, is refused and shown', async () => {
    const { alice, bob, bobId, bobs, room } = await pairIn(theatre);
    const fake = await impostorOf(bob);
    swapKeys(theatre.hostile, bobId, fake);
    await (await alice.client.room(room)).send('into the wrong hands');
    theatre.hostile.honest();
    await trustUser(alice.client, bobs);
    expect(await verifyUser(alice.client, bobs, (await bob.client.me()).fingerprint)).toMatchObject({
      trust: 'verified',
    });
    swapKeys(theatre.hostile, bobId, fake);
    const again = await theatre.restart(alice);
    const notices = again.client.notices();
    const lobby = await again.client.room(room);
    await expect(lobby.send('to whom?')).rejects.toMatchObject({ code: 'trust' });
    expect((await notices.next()).value).toMatchObject({ type: 'key-changed', user: bobs });
    expect((await lobby.members()).find(({ id }) => id === bobId)?.trust).toBe('changed');
    expect(await again.client.person(bobs)).toMatchObject({ trust: 'changed' });
  });

  it('to keys that were replaced does not have them shown as verified', async () => {
    const { alice, bob, bobId, bobs } = await pairIn(theatre);
    await verifyUser(alice.client, bobs, (await bob.client.me()).fingerprint);
    const before = present(bob.storage.account.identities[0]).signed;
    await bob.client.rotate();
    const { fingerprint } = await bob.client.me();
    expect(await alice.client.person(bobs)).toMatchObject({ trust: 'verified_before', fingerprint });
    theatre.hostile.reply('identity', (reply) =>
      reply.user === bobId ? { ...reply, chain: [before] } : reply,
    );
    expect(await alice.client.person(bobs)).toMatchObject({ trust: 'verified_before', fingerprint });
  });

  it('to replaced keys in its member list is not believed about what they sign', async () => {
    const { alice, bob, bobId, bobs, room } = await pairIn(theatre);
    const bobsRoom = await bob.client.room(room);
    await bobsRoom.send('by the first key');
    const before = present(bob.storage.account.identities[0]).signed;
    expect(await read(await alice.client.room(room))).toEqual(['by the first key']);
    await bob.client.rotate();
    await alice.client.person(bobs);
    await longAgo(alice, bobId);
    swapKeys(theatre.hostile, bobId, before);
    theatre.hostile.reply('identity', (reply) => reply);
    let version = 0;
    theatre.hostile.reply('enter', (reply) => {
      version = reply.rooms[0]?.info?.version ?? version;
      return reply;
    });
    const again = await theatre.restart(alice);
    const lobby = await again.client.room(room);
    await expect(lobby.send('to a thief')).rejects.toMatchObject({ code: 'trust' });
    // What was written before stays readable; what a thief of the first keys signs now does not come through.
    expect(await read(lobby)).toEqual(['by the first key']);
    const following = lobby.follow({ after: 'now' });
    theatre.hostile.tell({ name: 'deliver', body: await byThief(bob, bobId, again, lobby, version) });
    expect(await next(following)).toBe('forged: it was signed with keys that its sender had replaced before');
  });

  it('to its own keys that the user replaced has nothing encrypted to them', async () => {
    const { alice, room } = await pairIn(theatre);
    const { id } = await alice.client.me();
    const first = present(alice.storage.account.identities[0]).signed;
    await (await alice.client.room(room)).send('to my first key');
    await alice.client.rotate();
    const lobby = await alice.client.room(room);
    await eventually(async () => expect(await lobby.send('to my new key')).toBeDefined());
    theatre.hostile.reply('members', (reply) => ({
      ...reply,
      members: reply.members.map((entry) => (entry.user === id ? { ...entry, identity: first } : entry)),
    }));
    const { fingerprint } = await alice.client.me();
    await putRecord(alice.storage.state, 'session', 'own-key', ownKeyRecord, {
      fingerprint: fingerprintBytes(present(parseFingerprint(fingerprint))),
      since: 1,
    });
    const again = await theatre.restart(alice);
    await expect((await again.client.room(room)).send('to a thief')).rejects.toMatchObject({ code: 'trust' });
  });

  it('to an earlier room password has nothing sealed under it', async () => {
    const { alice, bob, room } = await pairIn(theatre, { password: 'first password' });
    const bobsRoom = await bob.client.room(room);
    const lobby = await alice.client.room(room);
    await lobby.send('under the first');
    await bobsRoom.setPassword('second password');
    await eventually(() => expect(lobby.unlocked).toBe(false));
    await lobby.unlock('second password');
    await lobby.send('under the second');
    theatre.hostile.claim((info) => ({ ...info, password: 1 }));
    const again = await theatre.restart(alice);
    await expect(again.client.room(room)).rejects.toMatchObject({ code: 'trust' });
  });

  it('to an earlier member list has nothing sealed for it', async () => {
    const { alice, bob, bobId, room } = await pairIn(theatre);
    const carol = await theatre.actor(theatre.name('Carol'), { honestly: true });
    await carol.client.join(room);
    const lobby = await alice.client.room(room);
    await lobby.send('to three');
    const members = await lobby.members();
    const { id: carols } = await carol.client.me();
    const old = { version: 0, members: [] as unknown[] };
    theatre.hostile.reply('members', (reply) => {
      old.version = reply.version;
      return reply;
    });
    const second = await theatre.restart(alice);
    await (await second.client.room(room)).members();
    theatre.hostile.honest();
    await (await bob.client.room(room)).kick((await carol.client.me()).user);
    const third = await theatre.restart(second);
    await (await third.client.room(room)).send('to two');
    theatre.hostile.claim((info) => ({ ...info, version: old.version }));
    theatre.hostile.reply('members', (reply) => ({ ...reply, version: old.version }));
    const fourth = await theatre.restart(third);
    await expect((await fourth.client.room(room)).send('to whom?')).rejects.toMatchObject({ code: 'trust' });
    expect([members.length, carols === bobId]).toEqual([3, false]);
  });

  it('in a room that stores nothing shows no message a second time', async () => {
    const { alice, bob, room } = await pairIn(theatre);
    const lobby = await alice.client.room(room);
    const heard: string[] = [];
    const following = (async () => {
      for await (const message of lobby.follow({ after: 'joined' }))
        if (message.type === 'message') heard.push(message.text ?? message.status);
    })();
    const bobsRoom = await bob.client.room(room);
    for (const text of ['one', 'two', 'three']) await bobsRoom.send(text);
    await eventually(() => expect(heard).toEqual(['one', 'two', 'three']));
    // The room never stored nothing, whatever the server says now.
    theatre.hostile.claim((info) => ({ ...info, retention: 0, head: 0 }));
    for (let lies = 0; lies < 3; lies += 1) {
      theatre.hostile.cut();
      const asked = theatre.hostile.count('enter');
      await eventually(() => expect(theatre.hostile.count('enter')).toBeGreaterThan(asked));
    }
    theatre.hostile.honest();
    await bobsRoom.send('four');
    await eventually(() => expect(heard).toEqual(['one', 'two', 'three', 'four']));
    await alice.client.close();
    await following;
  });
});

/** The next message of `room`, by somebody who has the first keys of Bob, in a roster that lists them. */
async function byThief(bob: Actor, bobId: UserId, alice: Actor, room: Room, rosterVersion: number) {
  const { current } = await loadOwnAccount(bob.storage.account);
  const own = (await loadOwnAccount(await alice.storage.keys.load())).current.verified;
  const { id: aliceId } = await alice.client.me();
  const sealed = await suiteOne.seal({
    ...{ messageId: newMessage(), room: room.id, sender: bobId, keys: current.ready, chain: newChain() },
    ...{ number: 0, previousHash: new Uint8Array(0), rosterVersion, passwordNumber: 0 },
    members: [
      { user: aliceId, fingerprint: own.fingerprint, rsaEncrypt: own.rsaEncrypt },
      { user: bobId, fingerprint: current.verified.fingerprint, rsaEncrypt: current.verified.rsaEncrypt },
    ],
    ...{ roomSecret: undefined, sentAt: Date.now(), content: { type: 'text', text: 'by a thief' } as const },
  });
  const at = [aliceId, bobId].sort().indexOf(aliceId) * WRAP_BYTES;
  const { header, ciphertext, wraps } = sealed;
  const wrap = wraps.slice(at, at + WRAP_BYTES);
  return {
    room: room.id,
    message: { seq: room.head + 1, at: Date.now(), from: bobId, header, ciphertext, wrap },
  };
}

async function next(messages: AsyncIterator<RoomMessage>): Promise<string> {
  const { value, done } = await messages.next();
  return done === true ? 'no message' : shown(value);
}
