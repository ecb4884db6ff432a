import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import {
  anyRoom,
  listen,
  roomNamed,
  type ServiceNode,
  ServiceWorld,
} from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';

const password = { salt: new Uint8Array(32).fill(1), proof: new Uint8Array(32).fill(2) };
const wrong = new Uint8Array(32).fill(3);

describe('membership', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: Caller;
  let bob: Caller;
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes([], { maxRoomMembers: 3, maxRoomsPerUser: 3 }));
    ann = await world.caller('ann');
    bob = await world.caller('bob');
  });

  async function create(text: string, locked = false): Promise<RoomId> {
    const settings = { name: roomNamed(text), hidden: false, retention: 30 };
    const body = locked ? { ...settings, password } : settings;
    return accepted(await a.requests.create(ann, body)).info.room;
  }

  const membersOf = async (room: RoomId): Promise<readonly UserId[]> =>
    ((await world.stores.rooms.byId(room))?.members ?? []).map(({ user }) => user);

  it('gives a name to one of two who create it at once, whatever its case', async () => {
    const outcomes = await Promise.all([
      a.requests.create(ann, { name: roomNamed('Harbour'), hidden: false, retention: 1 }),
      b.requests.create(bob, { name: roomNamed('harbOUR'), hidden: false, retention: 1 }),
    ]);
    expect(outcomes.filter((outcome) => 'info' in outcome)).toHaveLength(1);
    expect(outcomes.filter((outcome) => 'refused' in outcome)).toMatchObject([{ refused: 'name_taken' }]);
  });

  it('tells the room and the other sessions of the joiner, with versions and document', async () => {
    const room = await create('harbour');
    const inRoom = await listen(a, room);
    const control = await listen(a, 'control');
    const { info } = accepted(await b.requests.join(bob, { name: roomNamed('HARBOUR') }));
    expect(info).toMatchObject({ room, role: 'member', version: 2, head: 0, joined: 0, password: 0 });
    await eventually(() =>
      expect(control.notices).toMatchObject([{ about: 'own-room', user: bob.user, change: 'joined' }]),
    );
    expect(inRoom.notices).toMatchObject([{ about: 'roster', version: 2, floor: 1, change: 'joined' }]);
    expect(await b.requests.join(bob, { name: roomNamed('harbour') })).toMatchObject({
      refused: 'already_a_member',
      room,
    });
  });

  it('answers a wrong password, none, and a room that is not there alike', async () => {
    await create('locked', true);
    for (const body of [
      { name: roomNamed('locked') },
      { name: roomNamed('locked'), proof: wrong },
      { name: roomNamed('nothere') },
      { name: roomNamed('nothere'), proof: wrong },
    ]) {
      expect(await b.requests.join(bob, body)).toEqual({ refused: 'no_such_room_or_password' });
    }
    accepted(await b.requests.join(bob, { name: roomNamed('locked'), proof: password.proof }));
  });

  it('tells a member whether a password is the right one', async () => {
    const room = await create('locked', true);
    const join = (proof?: Uint8Array) =>
      a.requests.join(ann, { name: roomNamed('locked'), ...(proof !== undefined && { proof }) });
    expect(await join(wrong)).toEqual({ refused: 'no_such_room_or_password' });
    expect(await join(password.proof)).toMatchObject({ refused: 'already_a_member', room });
    expect(await join()).toMatchObject({ refused: 'already_a_member', room });
  });

  it('says that a room is full only to those who know its password', async () => {
    const room = await create('locked', true);
    const joins = await Promise.all(
      (await Promise.all(['eve', 'dan', 'fay'].map((name) => world.caller(name)))).map((caller) =>
        b.requests.join(caller, { name: roomNamed('locked'), proof: password.proof }),
      ),
    );
    expect(joins.filter((outcome) => 'refused' in outcome)).toMatchObject([{ refused: 'room_full' }]);
    expect(await membersOf(room)).toHaveLength(3);
    const refusal = await b.requests.join(bob, { name: roomNamed('locked'), proof: wrong });
    expect(refusal).toMatchObject({ refused: 'no_such_room_or_password' });
  });

  it('looks up the same made-up setting for an unknown name on every node', async () => {
    await create('open');
    await create('locked', true);
    const lookup = (node: ServiceNode, name: string) => node.requests.lookup(bob, { name: roomNamed(name) });
    expect(await lookup(a, 'open')).toEqual({ password: 0, salt: new Uint8Array(32) });
    expect(await lookup(a, 'LOCKED')).toEqual({ password: 1, salt: password.salt });
    const madeUp = accepted(await lookup(a, 'nothere'));
    expect(await lookup(b, 'NotHere')).toEqual(madeUp);
    expect(madeUp.password).toBeGreaterThan(0);
    expect(await lookup(a, 'nothere2')).not.toEqual(madeUp);
  });

  it('lets an owner leave alone only, and takes the room along then', async () => {
    const room = await create('harbour');
    accepted(await b.requests.join(bob, { name: roomNamed('harbour') }));
    expect(await a.requests.leave(ann, { room })).toMatchObject({ refused: 'forbidden' });
    accepted(await b.requests.leave(bob, { room }));
    expect(await b.requests.leave(bob, { room })).toMatchObject({ refused: 'not_a_member' });
    const heard = await listen(b, room);
    const record = await world.stores.rooms.byId(room);
    if (record === undefined) throw new Error('the room is there');
    accepted(await a.requests.send(ann, new PreparedSends(ann).prepare(record)));
    accepted(await a.requests.leave(ann, { room }));
    await eventually(() => expect(heard.notices).toMatchObject([{ about: 'room-gone', room }]));
    await eventually(async () => expect(await world.stored(room)).toEqual([]));
    expect(world.clocks.read(room)).toMatchObject({ gone: true });
    const late = await b.requests.send(ann, new PreparedSends(ann).prepare(record));
    expect(late).toMatchObject({ refused: 'not_a_member' });
    await create('harbour');
  });

  it('lists own rooms with their heads, and bounds their number', async () => {
    const rooms = [await create('one'), await create('two'), await create('three')];
    expect(
      await a.requests.create(ann, { name: roomNamed('four'), hidden: false, retention: 1 }),
    ).toMatchObject({
      refused: 'too_large',
    });
    const mine = accepted(await b.requests.mine(ann, {}));
    expect(mine.rooms.map(({ room }) => room)).toEqual(rooms.sort());
    expect(mine.cursor).toBeUndefined();
  });

  it('limits how often one user changes rosters in a day, whatever the rooms, and no other user', async () => {
    const rate = { count: 3, periodMs: 86_400_000, burst: 3 };
    const strict = await ServiceWorld.open({ rateRosterChangesUser: rate });
    const node = await strict.node();
    const [owner, eve] = [await strict.caller('owner'), await strict.caller('eve')];
    const rooms: RoomId[] = [];
    for (const text of ['one', 'two']) {
      const body = { name: roomNamed(text), hidden: false, retention: 1 };
      rooms.push(accepted(await node.requests.create(owner, body)).info.room);
    }
    const [one = anyRoom(), two = anyRoom()] = rooms;
    accepted(await node.requests.join(eve, { name: roomNamed('one') }));
    expect(await node.requests.join(eve, { name: roomNamed('one') })).toMatchObject({
      refused: 'already_a_member',
    });
    accepted(await node.requests.leave(eve, { room: one }));
    accepted(await node.requests.join(eve, { name: roomNamed('two') }));
    expect(await node.requests.leave(eve, { room: two })).toMatchObject({ refused: 'rate_limited' });
    for (let round = 0; round < 3; round += 1)
      accepted(await node.requests.ban(owner, { room: one, user: eve.user }));
    expect(await node.requests.unban(owner, { room: one, user: eve.user })).toMatchObject({
      refused: 'rate_limited',
    });
  });

  it('counts password attempts by name, whether there is such a room or not', async () => {
    const strict = await ServiceWorld.open({ ratePasswordUser: { count: 1, periodMs: 60_000, burst: 2 } });
    const node = await strict.node();
    const eve = await strict.caller('eve');
    for (const expected of ['no_such_room_or_password', 'no_such_room_or_password', 'rate_limited']) {
      const outcome = await node.requests.join(eve, { name: roomNamed('nothere'), proof: wrong });
      expect(outcome).toMatchObject({ refused: expected });
    }
  });
});
