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
import { makeRoom, roomOnTwoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { decodeServerFrame } from '../protocol/client-codec.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { BANS_PAGE_MAX, ROOM_BANS_MAX } from '../protocol/limits.ts';
import type { RequestBody } from '../protocol/requests.ts';

const name = roomNamed('harbour');
const bytes32 = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const password = (fill: number) => ({ salt: bytes32(fill), proof: bytes32(fill + 1) });

describe('what owners and moderators do', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: Caller;
  let bob: Caller;
  let eve: Caller;
  let room: RoomId;
  beforeEach(async () => {
    ({ world, a, b, ann, bob, eve, room } = await roomOnTwoNodes('harbour', ['bob', 'eve']));
  });
  const record = () => world.record(room);
  const roleOf = async (user: UserId) =>
    (await record()).members.find((member) => member.user === user)?.role;
  const send = async (caller: Caller, passwordNumber = 0) =>
    b.requests.send(caller, new PreparedSends(caller).prepare(await record(), { passwordNumber }));

  it('a kick ends the membership at once, tells everybody why, and lets the user come back later on', async () => {
    const stale = new PreparedSends(bob).prepare(await record());
    accepted(await send(ann));
    const [inRoom, control] = [await listen(b, room), await listen(b, 'control')];
    accepted(await a.requests.kick(ann, { room, user: eve.user }));
    await eventually(() => {
      expect(inRoom.notices).toMatchObject([{ about: 'roster', change: 'kicked', user: eve.user, floor: 4 }]);
      expect(control.notices).toMatchObject([{ about: 'own-room', user: eve.user, change: 'kicked' }]);
    });
    expect(await b.requests.send(bob, stale)).toMatchObject({ refused: 'stale_roster', version: 4 });
    expect(await send(eve)).toMatchObject({ refused: 'not_a_member' });
    expect(await b.requests.history(eve, { room, after: 0, limit: 1 })).toMatchObject({
      refused: 'not_a_member',
    });
    expect(await a.requests.kick(ann, { room, user: eve.user })).toMatchObject({
      refused: 'no_such_member',
    });
    accepted(await send(bob));
    const { info } = accepted(await b.requests.join(eve, { name }));
    expect(info.joined).toBe(2);
    accepted(await send(bob));
    const page = accepted(await a.requests.history(eve, { room, after: 0, limit: 9 }));
    expect(page.messages.map(({ seq }) => seq)).toEqual([3]);
  });

  it('a ban keeps the user out until it is lifted, and is told only behind the right password', async () => {
    accepted(await a.requests.ban(ann, { room, user: eve.user }));
    accepted(await a.requests.ban(ann, { room, user: eve.user }));
    expect(await b.requests.join(eve, { name })).toMatchObject({ refused: 'banned' });
    accepted(await a.requests.update(ann, { room, password: password(1) }));
    expect(await b.requests.join(eve, { name, proof: bytes32(9) })).toEqual({
      refused: 'no_such_room_or_password',
    });
    expect(await b.requests.join(eve, { name, proof: bytes32(2) })).toMatchObject({
      refused: 'banned',
    });
    expect(accepted(await b.requests.bans(ann, { room })).users).toEqual([{ user: eve.user, name: 'eve' }]);
    accepted(await a.requests.unban(ann, { room, user: eve.user }));
    accepted(await a.requests.unban(ann, { room, user: eve.user }));
    accepted(await b.requests.join(eve, { name, proof: bytes32(2) }));
  });

  it('a ban is for people who exist, inside or outside, and their number is bounded', async () => {
    const dan = await world.caller('dan');
    accepted(await a.requests.ban(ann, { room, user: dan.user }));
    expect(await b.requests.join(dan, { name })).toMatchObject({ refused: 'banned' });
    expect(await a.requests.ban(ann, { room, user: 'f'.repeat(32) as UserId })).toMatchObject({
      refused: 'invalid_name',
    });
    const people = await Promise.all(
      Array.from({ length: ROOM_BANS_MAX }, (_, index) => world.caller(`person${index}`)),
    );
    const outcomes = [];
    for (const { user } of people) outcomes.push(await a.requests.ban(ann, { room, user }));
    expect(outcomes.filter((outcome) => 'refused' in outcome)).toMatchObject([{ refused: 'too_large' }]);
    const listed: UserId[] = [];
    for (let cursor: Uint8Array | undefined, pages = 0; pages <= ROOM_BANS_MAX / BANS_PAGE_MAX; pages += 1) {
      const page = accepted(await b.requests.bans(ann, { room, ...(cursor && { cursor }) }));
      listed.push(...page.users.map(({ user }) => user));
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    expect(listed).toEqual((await record()).bans);
    expect(listed).toHaveLength(ROOM_BANS_MAX);
    expect(await a.requests.bans(ann, { room, cursor: bytes32(1) })).toMatchObject({
      refused: 'bad_request',
    });
  });

  it('moderators look after plain members, and after nobody else', async () => {
    const dan = await world.caller('dan');
    accepted(await a.requests.join(dan, { name }));
    accepted(await a.requests.grant(ann, { room, user: bob.user, role: 'moderator' }));
    accepted(await a.requests.grant(ann, { room, user: eve.user, role: 'moderator' }));
    for (const user of [ann.user, bob.user, eve.user]) {
      expect(await b.requests.kick(bob, { room, user })).toMatchObject({ refused: 'forbidden' });
      expect(await b.requests.ban(bob, { room, user })).toMatchObject({ refused: 'forbidden' });
    }
    expect(await b.requests.kick(ann, { room, user: ann.user })).toMatchObject({
      refused: 'forbidden',
    });
    accepted(await b.requests.ban(bob, { room, user: dan.user }));
    accepted(await b.requests.kick(ann, { room, user: eve.user }));
    accepted(await a.requests.revoke(ann, { room, user: bob.user }));
    expect(await roleOf(bob.user)).toBe('member');
    expect(await b.requests.unban(bob, { room, user: dan.user })).toMatchObject({
      refused: 'forbidden',
    });
  });

  it('nobody sends as the moderator of a version before the role was taken', async () => {
    accepted(await a.requests.grant(ann, { room, user: bob.user, role: 'moderator' }));
    const [early, late] = [new PreparedSends(bob), new PreparedSends(bob)].map(async (sends) =>
      sends.prepare(await record()),
    );
    accepted(await b.requests.send(bob, (await early) ?? expect.unreachable()));
    accepted(await a.requests.revoke(ann, { room, user: bob.user }));
    const { version } = await record();
    expect(await b.requests.send(bob, (await late) ?? expect.unreachable())).toMatchObject({
      ...{ refused: 'stale_roster', version },
    });
    expect(accepted(await b.requests.members(eve, { room, since: version - 2 })).roles).toEqual([
      { user: bob.user, role: 'member', until: version - 1 },
      { user: bob.user, role: 'moderator', until: version },
    ]);
    accepted(await send(bob));
  });

  it('handing a room over changes both roles by one version, and everybody is told of both', async () => {
    const heard = await listen(b, room);
    accepted(await a.requests.grant(ann, { room, user: bob.user, role: 'owner' }));
    expect(await record()).toMatchObject({ version: 4, floor: 1 });
    expect([await roleOf(ann.user), await roleOf(bob.user)]).toEqual(['moderator', 'owner']);
    await eventually(() => expect(heard.notices).toMatchObject([{ change: 'role', version: 4 }]));
    const since = accepted(await b.requests.members(eve, { room, since: 3 }));
    expect(since.members.map(({ user, role, left }) => [user, role, left]).sort()).toEqual(
      [
        [ann.user, 'moderator', undefined],
        [bob.user, 'owner', undefined],
      ].sort(),
    );
    expect(await a.requests.grant(ann, { room, user: eve.user, role: 'owner' })).toMatchObject({
      refused: 'forbidden',
    });
    accepted(await a.requests.leave(ann, { room }));
    expect(await b.requests.leave(bob, { room })).toMatchObject({ refused: 'forbidden' });
  });

  it('a rename frees the old name at once, and the old one leads nowhere', async () => {
    const heard = await listen(b, room);
    accepted(await a.requests.rename(ann, { room, name: roomNamed('Docks') }));
    await eventually(() =>
      expect(heard.notices).toMatchObject([{ about: 'settings', version: 4, floor: 1 }]),
    );
    const dan = await world.caller('dan');
    expect(await b.requests.join(dan, { name })).toMatchObject({ refused: 'no_such_room_or_password' });
    expect(accepted(await b.requests.lookup(dan, { name })).password).toBeGreaterThan(0);
    expect(accepted(await b.requests.join(dan, { name: roomNamed('docks') })).info.room).toBe(room);
    await makeRoom(b, dan, name);
    expect(await a.requests.rename(ann, { room, name })).toMatchObject({ refused: 'name_taken' });
    const before = (await record()).version;
    accepted(await a.requests.rename(ann, { room, name: roomNamed('Docks') }));
    expect((await record()).version).toBe(before);
    accepted(await a.requests.rename(ann, { room, name: roomNamed('DOCKS') }));
    expect((await record()).name).toBe('DOCKS');
  });

  it('every password setting has a number of its own, and messages under an old one are refused', async () => {
    const numbers: number[] = [];
    for (const wanted of [password(1), password(1), password(5), {}, {}, password(1)]) {
      numbers.push(accepted(await a.requests.update(ann, { room, password: wanted })).password);
    }
    // Asked for twice it is the same setting; removing it uses a number up.
    expect(numbers).toEqual([1, 1, 2, 0, 0, 4]);
    const now = await record();
    expect(now).toMatchObject({ version: 7, floor: 7, password: { number: 4 } });
    expect(await send(bob, 2)).toMatchObject({ refused: 'stale_roster', version: 7 });
    accepted(await send(bob, 4));
    expect(await a.requests.update(ann, { room, password: { salt: bytes32(1) } })).toMatchObject({
      refused: 'bad_request',
    });
    expect(accepted(await b.requests.lookup(bob, { name }))).toEqual({ password: 4, salt: bytes32(1) });
  });

  it('settings that are given change, and others stay', async () => {
    accepted(await a.requests.update(ann, { room, hidden: true }));
    accepted(await a.requests.update(ann, { room, retention: 3 }));
    expect(await record()).toMatchObject({ hidden: true, retention: 3, version: 5, floor: 5 });
    accepted(await a.requests.update(ann, { room, hidden: true, retention: 3 }));
    expect(await record()).toMatchObject({ version: 5 });
  });

  it('a raised layout of headers holds for what is sent from then on, is told, and is never lowered', async () => {
    const dan = await world.caller('dan');
    const seen = { position: 0, headerHash: new Uint8Array(0) };
    const layout1 = new PreparedSends(bob).prepare(await record());
    const inRoom = await listen(b, room);
    accepted(await a.requests.update(ann, { room, header: 2 }));
    expect(await record()).toMatchObject({ header: 2, version: 4, floor: 4 });
    await eventually(() => expect(inRoom.notices).toMatchObject([{ about: 'settings', floor: 4 }]));
    const [told] = inRoom.notices;
    const frame = told?.about === 'settings' ? told.event : expect.unreachable();
    const event = decodeServerFrame(frame, () => undefined);
    expect(event).toMatchObject({ event: { name: 'room', body: { header: 2, version: 4 } } });
    expect(accepted(await b.requests.join(dan, { name })).info).toMatchObject({ header: 2 });

    const post = (body: RequestBody<'send'>) => b.requests.send(bob, body);
    expect(await post(layout1)).toMatchObject({ refused: 'stale_roster', version: 5 });
    const sends = new PreparedSends(bob);
    const now = await record();
    expect(await post(sends.prepare(now, { number: 0 }))).toMatchObject({ refused: 'unsupported_version' });
    accepted(await post(sends.prepare(now, { number: 0, seen })));

    expect(await a.requests.update(ann, { room, header: 1 })).toMatchObject({ refused: 'bad_request' });
    accepted(await a.requests.update(ann, { room, header: 2 }));
    accepted(await a.requests.rename(ann, { room, name: roomNamed('docks') }));
    expect(await record()).toMatchObject({ header: 2, version: 6, floor: 4 });
  });

  it('a room has layout 1 unless it was made or raised otherwise, and takes no other', async () => {
    expect(await record()).not.toHaveProperty('header');
    const seen = { position: 0, headerHash: new Uint8Array(0) };
    const body = new PreparedSends(bob).prepare(await record(), { seen });
    expect(await b.requests.send(bob, body)).toMatchObject({ refused: 'unsupported_version' });
    const settings = { hidden: false, retention: 1 };
    const create = async (text: string, header: number) =>
      accepted(await a.requests.create(ann, { name: roomNamed(text), ...settings, header })).info;
    expect(await create('one', 1)).not.toHaveProperty('header');
    const { room: made, ...info } = await create('two', 2);
    expect(info).toMatchObject({ header: 2 });
    const first = new PreparedSends(ann).prepare(await world.record(made), { seen });
    accepted(await a.requests.send(ann, first));
  });

  it('a deletion ends the room for all, and tells those too who have not entered it', async () => {
    accepted(await send(bob));
    const [inRoom, control] = [await listen(b, room), await listen(b, 'control')];
    accepted(await a.requests.delete(ann, { room }));
    expect(world.clocks.read(room)).toMatchObject({ gone: true });
    await eventually(async () => {
      expect(inRoom.notices).toMatchObject([{ about: 'room-gone', room }]);
      expect(control.notices).toMatchObject([{ about: 'own-room-deleted', room }]);
      expect(await world.stored(room)).toEqual([]);
    });
    const [told] = control.notices;
    const users = told?.about === 'own-room-deleted' ? Buffer.from(told.users).toString('hex') : '';
    for (const { user } of [ann, bob, eve]) expect(users).toContain(user);
    expect(accepted(await b.requests.mine(bob, {})).rooms).toEqual([]);
    expect(await b.requests.delete(ann, { room })).toMatchObject({ refused: 'not_a_member' });
    await makeRoom(b, eve, name);
  });

  it('a room that is not there and one that one is not in are the same to a stranger', async () => {
    const dan = await world.caller('dan');
    for (const asked of [room, anyRoom()]) {
      expect(await a.requests.kick(dan, { room: asked, user: eve.user })).toEqual({
        refused: 'not_a_member',
      });
      expect(await a.requests.bans(dan, { room: asked })).toEqual({ refused: 'not_a_member' });
    }
  });

  it('changes are limited per user', async () => {
    const strict = await ServiceWorld.open({ rateRoomActsUser: { count: 1, periodMs: 60_000, burst: 2 } });
    const node = await strict.node();
    const owner = await strict.caller('owner');
    const made = await makeRoom(node, owner, name);
    const outcomes = [];
    for (const hidden of [true, false, true])
      outcomes.push(await node.requests.update(owner, { room: made.room, hidden }));
    expect(outcomes.filter((outcome) => 'refused' in outcome)).toMatchObject([{ refused: 'rate_limited' }]);
  });
});
