import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadIdentityKeys } from '../../client/crypto/identity-keys.ts';
import { signRoomLife } from '../../client/crypto/room-life.ts';
import { newAccountKeys, type Room, type RoomChange } from '../../client/sdk/index.ts';
import type { AccountKeys } from '../../client/sdk/storage/storage.ts';
import type { RoomInfo } from '../../src/protocol/entities.ts';
import { parseRoomLife } from '../../src/protocol/layouts/room-life.ts';
import { ROOM_LIFE_STEP_MAX } from '../../src/protocol/limits.ts';
import { eventually } from '../support/eventually.ts';
import { pairIn } from '../support/hostile/pair.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';
import { present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

/** Alice, behind the hostile server, in a room of Bob's whose messages disappear after an hour. Nobody is in it on her side. */
async function passingRoom() {
  const { alice, bob, bobId, bobs, room } = await pairIn(theatre);
  const bobsRoom = await bob.client.room(room);
  const lobby = await alice.client.room(room);
  const early = await lifeOf(bob, room, 60);
  const { life } = await lifeOf(bob, room, 3_600);
  await eventually(() => expect(lobby.life).toBe(3_600));
  lobby.close();
  return { alice, bob, bobId, bobs, room, bobsRoom, early: early.life, life };
}

/** Sets it as the owner does, and gives what the server stores then. */
async function lifeOf({ client }: Actor, name: string, seconds: number) {
  const room = await client.room(name);
  await room.setLife(seconds);
  const reader = await theatre.actor(theatre.name('Reader'));
  let life: Uint8Array | undefined;
  theatre.hostile.reply('join', (reply) => {
    life = reply.info.life;
    return reply;
  });
  await reader.client.join(name);
  theatre.hostile.honest();
  await reader.client.leave(name);
  return { life: present(life) };
}

/** From now on the server says this of every room that is entered, and no event says otherwise. */
function shows(life: Uint8Array | undefined): void {
  const altered = ({ life: _true, ...info }: RoomInfo): RoomInfo =>
    life === undefined ? info : { ...info, life };
  theatre.hostile.reply('enter', (reply) => ({
    rooms: reply.rooms.map((entry) =>
      entry.info === undefined ? entry : { ...entry, info: altered(entry.info) },
    ),
  }));
  theatre.hostile.onEvent = (event) => (event.name === 'room' ? [] : [event]);
}

/** What people are told of the life of the room that is entered next, wherever it is told. */
async function entering(actor: Actor, name: string): Promise<{ room: Room; told: () => readonly unknown[] }> {
  const told: unknown[] = [];
  const hear = async (changes: AsyncIterable<{ readonly type: string }>): Promise<void> => {
    for await (const change of changes) if (change.type.startsWith('life-')) told.push(change);
  };
  hear(actor.client.notices()).catch(() => undefined);
  const room = await actor.client.room(name);
  hear(room.changes()).catch(() => undefined);
  return { room, told: () => told };
}

async function signedWith(
  { identities }: Pick<AccountKeys, 'identities'>,
  life: Parameters<typeof signRoomLife>[1],
): Promise<Uint8Array> {
  const loaded = await loadIdentityKeys(present(identities.at(-1)).keys);
  return signRoomLife(loaded.ok ? loaded.keys : expect.unreachable(), life);
}

const expiresOf = async (room: Room): Promise<number | undefined> => {
  const { id } = await room.send('how long?');
  const { messages } = await room.history({ after: 0 });
  const own = messages.find((message) => message.type === 'message' && message.id === id);
  return own?.type === 'message' ? own.expires : expect.unreachable();
};

/** What a client behind the hostile server had set last. */
const lastLifeSet = () => {
  const signed = theatre.hostile
    .bodies('update')
    .flatMap(({ life }) => life ?? [])
    .at(-1);
  return signed && parseRoomLife(signed)?.life;
};

const refusedFor = (kind: string, seconds: number) => [{ type: 'life-refused', kind, seconds }];

describe('a server that lies about when messages of a room disappear', () => {
  it('cannot make a life up, whether for those who know one or for those who come later', async () => {
    const { alice, bob, bobId, room, life } = await passingRoom();
    const { life: known } = present(parseRoomLife(life));
    const mallory = await newAccountKeys('Mallory');
    const next = { ...known, number: known.number + 1, seconds: 0 };
    const forged = await signedWith(mallory, next);
    const bent = await signedWith(await bob.storage.keys.load(), next);
    bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1;
    for (const shown of [forged, bent, life.subarray(1), new Uint8Array(0)]) {
      shows(shown);
      const again = await theatre.restart(alice);
      const { room: lobby, told } = await entering(again, room);
      // The signature of Bob's present key is what is missed, or that it is a life at all.
      await eventually(() => expect(told()).toMatchObject([{ type: 'life-refused', seconds: 3_600 }]));
      expect(lobby.life).toBe(3_600);
      expect(await expiresOf(lobby)).toBe(3_600);
      await again.client.close();
      const late = await theatre.actor(theatre.name('Late'));
      await late.client.join(room);
      const newcomer = await entering(late, room);
      await eventually(() => expect(newcomer.told()).toMatchObject([{ type: 'life-refused', seconds: 0 }]));
      expect(await expiresOf(newcomer.room)).toBeUndefined();
      await late.client.leave(room);
    }
    expect(known.user).toBe(bobId);
  });

  it('cannot go back to an earlier one, nor withhold it, nor give a second one its number', async () => {
    const { alice, bob, room, early, life } = await passingRoom();
    const { life: known } = present(parseRoomLife(life));
    const second = await signedWith(await bob.storage.keys.load(), { ...known, seconds: 5 });
    const leap = { ...known, number: known.number + ROOM_LIFE_STEP_MAX + 1, seconds: 0 };
    for (const [shown, kind] of [
      [early, 'differs'],
      [undefined, 'gone'],
      [second, 'differs'],
      [await signedWith(await bob.storage.keys.load(), leap), 'differs'],
    ] as const) {
      shows(shown);
      const again = await theatre.restart(alice);
      const { room: lobby, told } = await entering(again, room);
      await eventually(() => expect(told()).toMatchObject(refusedFor(kind, 3_600)));
      expect(await expiresOf(lobby)).toBe(3_600);
      // It says so once, however often the server does.
      await lobby.send('again');
      expect(told()).toHaveLength(1);
      await again.client.close();
    }
  });

  it('cannot give the life of one room to another of the same owner', async () => {
    const { alice, bob, room, life } = await passingRoom();
    const other = theatre.name('Other');
    await bob.client.create(other);
    shows(life);
    const again = await theatre.restart(alice);
    await again.client.join(other);
    const { room: swapped, told } = await entering(again, other);
    await eventually(() => expect(told()).toMatchObject(refusedFor('forged', 0)));
    expect(await expiresOf(swapped)).toBeUndefined();
    expect(swapped.name).not.toBe(room);
  });

  it('gets none taken that a former owner signs, nor one with a key from before a rotation', async () => {
    const { alice, bob, room, bobsRoom, life } = await passingRoom();
    const { life: known } = present(parseRoomLife(life));
    const former = await bob.storage.keys.load();
    const next = { ...known, number: known.number + 1, seconds: 5 };
    await bob.client.rotate();
    shows(await signedWith(former, next));
    const again = await theatre.restart(alice);
    const { room: lobby, told } = await entering(again, room);
    await eventually(() => expect(told()).toMatchObject(refusedFor('not_owner', 3_600)));
    expect(await expiresOf(lobby)).toBe(3_600);
    lobby.close();
    const carol = await theatre.actor(theatre.name('Carol'), { honestly: true });
    await carol.client.join(room);
    await eventually(async () => expect(await bobsRoom.members()).toHaveLength(3));
    await bobsRoom.handOver((await carol.client.me()).user);
    shows(await signedWith(await bob.storage.keys.load(), { ...next, number: known.number + 2 }));
    const later = await entering(again, room);
    await eventually(() => expect(later.told()).toMatchObject(refusedFor('not_owner', 3_600)));
    expect(await expiresOf(later.room)).toBe(3_600);
  });

  it('gets one of a former owner taken by the heir alone, and only until the heir has signed one', async () => {
    const { alice, room, bob, bobsRoom, life } = await passingRoom();
    const { life: known } = present(parseRoomLife(life));
    const keys = await bob.storage.keys.load();
    const heir = await theatre.restart(alice);
    await bobsRoom.handOver((await heir.client.me()).user);
    shows(await signedWith(keys, { ...known, number: known.number + 1, seconds: 60 }));
    const first = await entering(heir, room);
    await eventually(() => expect(first.told()).toMatchObject([{ type: 'life-changed', seconds: 60 }]));
    // What is sent waits for what the heir's client makes of it.
    expect(await expiresOf(first.room)).toBe(60);
    const { id: heirId } = await heir.client.me();
    expect(lastLifeSet()).toMatchObject({ user: heirId, number: known.number + 2, seconds: 60 });
    // It was made after the hand-over, whenever the server shows it.
    shows(await signedWith(keys, { ...known, number: known.number + 3, seconds: 5 }));
    const again = await theatre.restart(heir);
    const second = await entering(again, room);
    await eventually(() => expect(second.told()).toMatchObject(refusedFor('not_owner', 60)));
    expect(await expiresOf(second.room)).toBe(60);
  });

  it.each([
    ['by a member who never owned the room', 'Carol'],
    ['by a replaced key of the former owner', 'former'],
    ['by a stranger in the name of the former owner', 'Mallory'],
  ] as const)('gets none taken by an heir that is signed %s', async (_, who) => {
    const { alice, bob, room, bobsRoom, life } = await passingRoom();
    const { life: known } = present(parseRoomLife(life));
    const carol = await theatre.actor(theatre.name('Carol'), { honestly: true });
    await carol.client.join(room);
    const next = { ...known, number: known.number + 1, seconds: 5 };
    const signers = { Carol: carol, former: bob };
    const keys = who === 'Mallory' ? await newAccountKeys(who) : await signers[who].storage.keys.load();
    const user = who === 'Carol' ? (await carol.client.me()).id : next.user;
    const signed = await signedWith(keys, { ...next, user });
    if (who === 'former') await bob.client.rotate();
    const heir = await theatre.restart(alice);
    await bobsRoom.handOver((await heir.client.me()).user);
    shows(signed);
    const { room: lobby, told } = await entering(heir, room);
    await eventually(() => expect(told()).toMatchObject(refusedFor('not_owner', 3_600)));
    expect(await expiresOf(lobby)).toBe(3_600);
  });

  it('changes nothing by the order in which it tells of changes, or by not telling of one', async () => {
    const { alice, bobsRoom, room } = await passingRoom();
    const again = await theatre.restart(alice);
    const { room: lobby, told } = await entering(again, room);
    const held: Parameters<typeof theatre.hostile.onEvent>[0][] = [];
    theatre.hostile.onEvent = (event) => {
      if (event.name !== 'room') return [event];
      held.push(event);
      return held.length === 3 ? [...held].reverse() : [];
    };
    for (const seconds of [10, 20, 30]) await bobsRoom.setLife(seconds);
    await eventually(() => expect(lobby.life).toBe(30));
    expect(told()).toMatchObject([{ type: 'life-changed', seconds: 30 }]);
    theatre.hostile.onEvent = (event) => (event.name === 'room' ? [] : [event]);
    await bobsRoom.setLife(40);
    // The next enter tells what the lost event would have told.
    const later = await theatre.restart(again);
    const missed = await entering(later, room);
    await eventually(() => expect(missed.room.life).toBe(40));
    expect(missed.told()).toMatchObject([
      { type: 'life-changed', seconds: 40 } satisfies Partial<RoomChange>,
    ]);
  });
});
