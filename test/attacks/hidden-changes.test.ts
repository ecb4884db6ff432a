import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refuse } from '../../src/protocol/error-reply.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { eventually } from '../support/eventually.ts';
import { pairIn } from '../support/hostile/pair.ts';
import { renameRooms } from '../support/hostile/rename-rooms.ts';
import { read, Theatre } from '../support/hostile/theatre.ts';
import { present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

describe('a server that moves names', () => {
  it('leads nobody who types a name into another room by two renames', async () => {
    const { alice, bob, room } = await pairIn(theatre, { password: 'open sesame' });
    const other = theatre.name('Other');
    await bob.client.create(other);
    await alice.client.join(other);
    const lobby = await alice.client.room(room);
    await lobby.send('between us');
    const [lockedId, openId] = [lobby.id, (await alice.client.room(other)).id];
    lobby.close();
    const [moved, taken] = [present(parseRoomName('Moved')), present(parseRoomName(room))];
    renameRooms(
      theatre.hostile,
      new Map([
        [lockedId, moved],
        [openId, taken],
      ]),
    );
    const again = await theatre.restart(alice);
    // Followed once, so that the new names are in the profile.
    await again.client.ownRooms();
    await again.client.room('Moved').catch(() => undefined);
    const sent = theatre.hostile.count('send');
    const sending = async () => (await again.client.room(room)).send('to the locked room, I thought');
    await expect(sending()).rejects.toMatchObject({ code: 'trust' });
    await expect(again.client.leave(room)).rejects.toMatchObject({ code: 'trust' });
    expect(theatre.hostile.count('send')).toBe(sent);
  });

  it('cannot answer the making of a room with one that the user is in already', async () => {
    const { alice, room } = await pairIn(theatre);
    const { id } = await alice.client.room(room);
    theatre.hostile.reply('create', (reply) => ({ info: { ...reply.info, room: id } }));
    await expect(alice.client.create(theatre.name('Diary'))).rejects.toMatchObject({ code: 'trust' });
  });

  it('cannot have a password given to a room that it says to be without one, though its answer was lost', async () => {
    const { alice } = await pairIn(theatre);
    const diary = theatre.name('Diary');
    let lost = false;
    theatre.hostile.reply('create', (reply) => {
      if (lost) return reply;
      lost = true;
      return refuse('unavailable');
    });
    theatre.hostile.reply('lookup', (reply) => ({ ...reply, password: 0 }));
    await expect(alice.client.create(diary, { password: 'only for me' })).rejects.toMatchObject({
      code: 'trust',
    });
  });
});

describe('a server that hides what it changed', () => {
  it('adds no member without a notice, and none who is written to without one', async () => {
    const { alice, room } = await pairIn(theatre);
    const lobby = await alice.client.room(room);
    await lobby.send('to Bob');
    const carol = await theatre.actor(theatre.name('Carol'), { honestly: true });
    const { user: carols } = await carol.client.me();
    theatre.hostile.onEvent = (event) => (event.name === 'roster' ? [] : [event]);
    await carol.client.join(room);
    const again = await theatre.restart(alice);
    const notices = again.client.notices();
    const later = await again.client.room(room);
    await expect(later.send('to whom?', { strict: true })).rejects.toMatchObject({
      code: 'trust',
      message: expect.stringContaining(carols),
    });
    await later.send('to all');
    expect((await notices.next()).value).toMatchObject({
      type: 'members-differ',
      joined: [carols],
      left: [],
    });
    expect((await notices.next()).value).toMatchObject({ type: 'new-recipients', users: [carols] });
    await later.send('to all, again', { strict: true });
  });

  it('cannot raise the joining position in silence', async () => {
    const { alice, bob, room } = await pairIn(theatre);
    const bobsRoom = await bob.client.room(room);
    for (const text of ['one', 'two', 'three']) await bobsRoom.send(text);
    const { joined } = await alice.client.room(room);
    theatre.hostile.claim((info) => ({ ...info, joined: joined + 2 }));
    const again = await theatre.restart(alice);
    const notices = again.client.notices();
    await again.client.room(room);
    expect((await notices.next()).value).toMatchObject({
      type: 'membership-moved',
      from: joined,
      to: joined + 2,
    });
  });

  it('has messages marked when it no longer gives their member list, and the others shown', async () => {
    const { alice, bob, room } = await pairIn(theatre);
    const bobsRoom = await bob.client.room(room);
    await bobsRoom.send('one');
    const carol = await theatre.actor(theatre.name('Carol'), { honestly: true });
    await carol.client.join(room);
    await eventually(async () => expect(await bobsRoom.members()).toHaveLength(3));
    await bobsRoom.send('two');
    theatre.hostile.reply('members', (reply, { since }) =>
      since === undefined ? reply : refuse('conflict'),
    );
    const again = await theatre.restart(alice);
    expect(await read(await again.client.room(room))).toEqual(['one [recipients_differ]', 'two']);
  });

  it('stops one room at most by not answering about one user', async () => {
    const { alice, bob, room } = await pairIn(theatre);
    await (await alice.client.room(room)).send('hello');
    const quiet = theatre.name('Quiet');
    await alice.client.create(quiet);
    theatre.hostile.onEvent = (event) => (event.name === 'roster' ? [] : [event]);
    await bob.client.rotate();
    await bob.client.rotate();
    // What leads from the pinned keys to the present ones is never told.
    theatre.hostile.hold('identity');
    const again = await theatre.restart(alice);
    const stuck = (await again.client.room(room)).send('waits');
    stuck.catch(() => undefined);
    await eventually(() => expect(theatre.hostile.count('identity')).toBeGreaterThan(0));
    await (await again.client.room(quiet)).send('does not wait');
    await again.client.close();
    await expect(stuck).rejects.toMatchObject({ code: 'closed' });
  });
});
