import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signRoomLife } from '../../client/crypto/room-life.ts';
import { callerOf, greeting, KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { roomNamed, type ServiceNode, type ServiceWorld } from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import type { RoomId } from '../protocol/ids.ts';
import { ROOM_LIFE_STEP_MAX } from '../protocol/limits.ts';
import { closeAccount, rotate } from './account-changes.ts';

describe('the life of messages in a room', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: KeyedPerson;
  let bob: KeyedPerson;
  let owner: Caller;
  let member: Caller;
  let room: RoomId;
  beforeAll(async () => {
    [ann, bob] = await Promise.all([KeyedPerson.make('Ann'), KeyedPerson.make('Bob')]);
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes());
    [owner, member] = [await enrolled(ann), await enrolled(bob)];
    const name = roomNamed('harbour');
    room = accepted(await a.requests.create(owner, { name, hidden: false, retention: 1 })).info.room;
    accepted(await b.requests.join(member, { name }));
  });

  async function enrolled(person: KeyedPerson): Promise<Caller> {
    await person.register(a.core);
    return callerOf(await person.login(a.core), `session of ${person.name}`);
  }

  const lifeBy = (number: number, { keys } = ann, user = owner.user, of = room): Promise<Uint8Array> =>
    signRoomLife(keys, { room: of, user, number, seconds: 60 });
  const set = async (life: Uint8Array, by = owner) => a.requests.update(by, { room, life });
  const stored = async (): Promise<Uint8Array | undefined> => (await world.record(room)).life;

  it('is stored as its owner signed it, and stays through every other change, on any node', async () => {
    const life = await lifeBy(1);
    accepted(await set(life));
    expect((await b.core.views.current(room))?.view.life).toEqual(life);
    const { version } = await world.record(room);
    // A repeated request changes nothing.
    accepted(await set(life));
    expect((await world.record(room)).version).toBe(version);
    accepted(await b.requests.update(owner, { room, retention: 3 }));
    accepted(await b.requests.rename(owner, { room, name: roomNamed('port') }));
    accepted(await b.requests.grant(owner, { room, user: member.user, role: 'owner' }));
    expect(await stored()).toEqual(life);
  });

  it('is told to who makes, joins and enters the room', async () => {
    const life = await lifeBy(1);
    accepted(await set(life));
    const eve = await world.caller('eve');
    const { info } = accepted(await b.requests.join(eve, { name: roomNamed('harbour') }));
    expect(info.life).toEqual(life);
  });

  it('is taken from its owner alone, for this room, signed with the keys in force', async () => {
    const altered = await lifeBy(1);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    expect(await set(await lifeBy(1, bob, member.user), member)).toMatchObject({ refused: 'forbidden' });
    const other = accepted(
      await a.requests.create(owner, { name: roomNamed('other'), hidden: false, retention: 1 }),
    ).info.room;
    for (const [life, refused] of [
      [altered, 'invalid_identity'],
      [await lifeBy(1, bob), 'invalid_identity'],
      [await lifeBy(1, bob, member.user), 'invalid_identity'],
      [await lifeBy(1, ann, owner.user, other), 'invalid_identity'],
      [(await lifeBy(1)).subarray(1), 'bad_request'],
      [new Uint8Array(0), 'bad_request'],
    ] as const)
      expect(await set(life)).toMatchObject({ refused });
    expect(await stored()).toBeUndefined();
    const at = greeting();
    const next = await ann.successor();
    accepted(await rotate(a.core, at, owner, await ann.rotation(at, next)));
    expect(await set(await lifeBy(1))).toMatchObject({ refused: 'invalid_identity' });
    accepted(await set(await lifeBy(1, next)));
  });

  it('has a number that only rises, and never by more than a client follows', async () => {
    expect(await set(await lifeBy(ROOM_LIFE_STEP_MAX + 1))).toMatchObject({ refused: 'conflict' });
    accepted(await set(await lifeBy(ROOM_LIFE_STEP_MAX)));
    for (const number of [1, ROOM_LIFE_STEP_MAX - 1, 2 * ROOM_LIFE_STEP_MAX + 1])
      expect(await set(await lifeBy(number))).toMatchObject({ refused: 'conflict' });
    // The same number with other words.
    const second = await signRoomLife(ann.keys, {
      ...{ room, user: owner.user, number: ROOM_LIFE_STEP_MAX, seconds: 61 },
    });
    expect(await set(second)).toMatchObject({ refused: 'conflict' });
    accepted(await set(await lifeBy(2 * ROOM_LIFE_STEP_MAX)));
  });

  it('does not raise the floor: a message that was sealed before is taken', async () => {
    const { floor } = await world.record(room);
    accepted(await set(await lifeBy(1)));
    expect((await world.record(room)).floor).toBe(floor);
  });

  it('does not exist in a direct room, which nobody owns', async () => {
    const { info } = accepted(await a.requests.direct(owner, { user: member.user }));
    const life = await lifeBy(1, ann, owner.user, info.room);
    expect(await a.requests.update(owner, { room: info.room, life })).toMatchObject({ refused: 'forbidden' });
  });

  it('stays when its owner closes the account, until the heir sets another', async () => {
    const life = await lifeBy(1);
    accepted(await set(life));
    const at = greeting();
    accepted(await closeAccount(a.core, at, owner, { signature: await ann.closing(at) }));
    await expect
      .poll(async () => (await world.record(room)).members.map(({ role }) => role))
      .toEqual(['owner']);
    expect(await stored()).toEqual(life);
    const next = await lifeBy(2, bob, member.user);
    accepted(await set(next, member));
    expect(await stored()).toEqual(next);
  });
});
