import { hash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { callerOf, greeting, KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import {
  anyRoom,
  listen,
  roomNamed,
  type ServiceNode,
  type ServiceWorld,
} from '../../test/support/ports/service-world.ts';
import { makeRoom, twoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import type { CoreLimits } from '../core/core-parts.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { decodeServerFrame } from '../protocol/client-codec.ts';
import type { RoomInfo } from '../protocol/entities.ts';
import { pairOf, parseUserId } from '../protocol/ids.ts';
import { directName, directNameInput } from '../protocol/layouts/direct-name.ts';
import { INVITATIONS_WAITING_MAX } from '../protocol/limits.ts';
import { foldName } from '../protocol/names.ts';
import { closeAccount } from './account-changes.ts';

describe('a direct room', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: Caller;
  let bob: Caller;
  let eve: Caller;

  async function begin(limits: Partial<CoreLimits> = {}): Promise<void> {
    ({ world, a, b } = await twoNodes([], limits));
    [ann, bob, eve] = [await world.caller('ann'), await world.caller('bob'), await world.caller('eve')];
  }
  beforeEach(() => begin());

  const openOn = async ({ requests }: ServiceNode, caller: Caller, { user }: Caller): Promise<RoomInfo> =>
    accepted(await requests.direct(caller, { user })).info;
  const membersOf = async ({ room }: Pick<RoomInfo, 'room'>): Promise<readonly string[]> =>
    (await world.record(room)).members.map(({ user }) => user);
  const waitingFor = async (caller: Caller) => accepted(await b.requests.invitations(caller, {})).invitations;
  const nameOf = (generation: number) =>
    directName(
      new Uint8Array(hash('sha256', directNameInput(pairOf(ann.user, bob.user), generation), 'buffer')),
    );

  it('has a name made of both ids, is hidden, and has both as plain members from the start', async () => {
    const info = await openOn(a, ann, bob);
    expect(info).toMatchObject({
      ...{ name: nameOf(1), role: 'member', hidden: true, joined: 0, version: 1, password: 0 },
      direct: { user: bob.user, generation: 1 },
    });
    expect(await membersOf(info)).toEqual([ann.user, bob.user].sort());
    const listed = accepted(await b.requests.rooms(eve, { prefix: 'dm' })).rooms;
    expect(listed).toEqual([]);
    const [mine] = accepted(await b.requests.mine(bob, {})).rooms;
    expect(mine).toMatchObject({ room: info.room, direct: { user: ann.user, generation: 1 } });
  });

  it('is the same one for both, also when they open it at the same time on two nodes', async () => {
    const opened = await Promise.all([
      openOn(a, ann, bob),
      openOn(b, bob, ann),
      openOn(b, ann, bob),
      openOn(a, bob, ann),
    ]);
    expect(new Set(opened.map(({ room }) => room)).size).toBe(1);
    expect(accepted(await a.requests.mine(ann, {})).rooms).toHaveLength(1);
    // Both wanted it: nobody has to be asked.
    for (const caller of [ann, bob]) {
      await openOn(a, caller, caller === ann ? bob : ann);
      expect(await waitingFor(caller)).toEqual([]);
    }
  });

  it('asks the other one, whose sessions on every node hear of it, until it is answered', async () => {
    const heard = await listen(b, 'control');
    const info = await openOn(a, ann, bob);
    const waiting = [
      {
        ...{ room: info.room, name: info.name, password: false, kind: 'direct' },
        ...{ from: ann.user, fromName: 'ann', at: expect.any(Number) },
      },
    ];
    expect(await waitingFor(bob)).toEqual(waiting);
    const told = () => heard.notices.filter(({ about }) => about === 'invitation');
    await eventually(() => expect(told()).toHaveLength(1));
    const [notice] = told();
    expect(notice).toMatchObject({ user: bob.user });
    const frame =
      notice?.about === 'invitation' ? decodeServerFrame(notice.event, () => undefined) : undefined;
    expect(frame).toMatchObject({ event: { body: { room: info.room, invitation: waiting[0] } } });
    await openOn(a, ann, bob);
    expect(await waitingFor(bob)).toEqual(waiting);
    accepted(await a.requests.dismiss(bob, { room: info.room }));
    expect(await waitingFor(bob)).toEqual([]);
    await eventually(() =>
      expect(told().at(-1)).toMatchObject({ user: bob.user, by: bob.session, about: 'invitation' }),
    );
  });

  it('shows an outsider nothing: neither its name, nor that it is there, nor a way in', async () => {
    const { name } = await openOn(a, ann, bob);
    const free = nameOf(7);
    expect(await b.requests.join(eve, { name })).toEqual(await b.requests.join(eve, { name: free }));
    expect(await b.requests.join(eve, { name })).toMatchObject({ refused: 'no_such_room_or_password' });
    const [there, missing] = [
      accepted(await b.requests.lookup(eve, { name })),
      accepted(await b.requests.lookup(eve, { name: free })),
    ];
    expect(there.password).toBe(accepted(await b.requests.lookup(eve, { name })).password);
    expect([there.salt.length, missing.salt.length]).toEqual([32, 32]);
    expect(there.salt).not.toEqual(new Uint8Array(32));
    expect(accepted(await b.requests.lookup(bob, { name })).password).toBe(0);
  });

  it('keeps names of its form from every other room', async () => {
    const squatted = { name: nameOf(1), hidden: false, retention: 1 };
    expect(await a.requests.create(eve, squatted)).toMatchObject({ refused: 'name_taken' });
    const { room } = await makeRoom(a, eve, 'own');
    expect(await a.requests.rename(eve, { room, name: nameOf(1) })).toMatchObject({ refused: 'name_taken' });
    expect((await openOn(a, ann, bob)).direct).toEqual({ user: bob.user, generation: 1 });
  });

  it('passes over a name that an earlier release gave to somebody else', async () => {
    const { room } = await makeRoom(a, eve, 'squat');
    const squatted = { ...(await world.record(room)), room: anyRoom(), name: nameOf(1) };
    await world.stores.rooms.create({ ...squatted, folded: foldName(nameOf(1)) });
    const info = await openOn(a, ann, bob);
    expect(info).toMatchObject({ name: nameOf(2), direct: { generation: 2 } });
    expect(await openOn(b, bob, ann)).toMatchObject({ room: info.room });
  });

  it('gives neither of the two any right over the other one', async () => {
    const { room } = await openOn(a, ann, bob);
    for (const [caller, { user }] of [
      [ann, bob],
      [bob, ann],
    ] as const) {
      const refused = { refused: 'forbidden' };
      expect(await a.requests.kick(caller, { room, user })).toMatchObject(refused);
      expect(await a.requests.ban(caller, { room, user })).toMatchObject(refused);
      expect(await a.requests.grant(caller, { room, user, role: 'moderator' })).toMatchObject(refused);
      expect(await a.requests.rename(caller, { room, name: roomNamed('ours') })).toMatchObject(refused);
      expect(await a.requests.delete(caller, { room })).toMatchObject(refused);
      expect(await a.requests.update(caller, { room, hidden: false })).toMatchObject(refused);
      const password = { salt: new Uint8Array(32), proof: new Uint8Array(32) };
      expect(await a.requests.update(caller, { room, password })).toMatchObject(refused);
      const letter = new Uint8Array(100);
      expect(await a.requests.invite(caller, { room, user: eve.user, letter })).toMatchObject(refused);
    }
    accepted(await a.requests.update(bob, { room, retention: 3, header: 2 }));
    const now = await openOn(b, ann, bob);
    expect(now).toMatchObject({ retention: 3, header: 2, direct: { user: bob.user, generation: 1 } });
  });

  it('stays with the one who is left, and takes the other one back after a new question', async () => {
    const { room } = await openOn(a, ann, bob);
    accepted(await b.requests.leave(bob, { room }));
    expect(await waitingFor(bob)).toEqual([]);
    expect(await membersOf({ room })).toEqual([ann.user]);
    const again = await openOn(b, ann, bob);
    expect(again).toMatchObject({ room, direct: { generation: 1 } });
    expect(await membersOf(again)).toEqual([ann.user, bob.user].sort());
    expect(await waitingFor(bob)).toMatchObject([{ room, from: ann.user, kind: 'direct' }]);
    accepted(await a.requests.leave(ann, { room }));
    expect(await openOn(b, ann, bob)).toMatchObject({ room });
    expect(await waitingFor(ann)).toEqual([]);
  });

  it('ends when both have left, and the next one has another name on every node', async () => {
    const { room } = await openOn(a, ann, bob);
    accepted(await a.requests.leave(ann, { room }));
    accepted(await b.requests.leave(bob, { room }));
    const next = await openOn(b, bob, ann);
    expect(next).toMatchObject({ name: nameOf(2), direct: { user: ann.user, generation: 2 } });
    expect(next.room).not.toBe(room);
    expect(await openOn(a, ann, bob)).toMatchObject({ room: next.room });
  });

  it('never gives a name again, even if a node dies between noting that and deleting the room', async () => {
    const { room } = await openOn(a, ann, bob);
    accepted(await a.requests.leave(ann, { room }));
    a.rooms.lose('delete');
    await expect(a.requests.leave(bob, { room })).rejects.toThrow(Unavailable);
    const next = await openOn(b, ann, bob);
    expect(next.direct?.generation).toBe(2);
  });

  it('looks the same to whoever is blocked, has too many who wait, or asks somebody disabled', async () => {
    const dan = await world.caller('dan');
    accepted(await a.requests.block(bob, { user: ann.user }));
    const blocked = await b.requests.direct(ann, { user: bob.user });
    expect(blocked).toMatchObject({ refused: 'unreachable' });
    await world.stores.identities.setDisabled(dan.user, true);
    expect(await b.requests.direct(ann, { user: dan.user })).toEqual(blocked);
    for (let count = 0; count < INVITATIONS_WAITING_MAX; count += 1)
      await openOn(a, await world.caller(`sybil${count}`), eve);
    expect(await b.requests.direct(ann, { user: eve.user })).toEqual(blocked);
    expect(accepted(await a.requests.mine(ann, {})).rooms).toEqual([]);
    expect(await a.requests.direct(bob, { user: ann.user })).toMatchObject({ refused: 'forbidden' });
    accepted(await a.requests.unblock(bob, { user: ann.user }));
    expect(await openOn(b, ann, bob)).toMatchObject({ name: nameOf(1) });
  });

  it('tells an opener who is in too many rooms, but not of another one who is, even if that one was there before', async () => {
    await begin({ maxRoomsPerUser: 1 });
    const { room } = await openOn(a, ann, bob);
    expect(await a.requests.direct(ann, { user: eve.user })).toMatchObject({ refused: 'too_large' });
    const toFull = { refused: 'unreachable' };
    expect(await a.requests.direct(eve, { user: ann.user })).toMatchObject(toFull);
    accepted(await b.requests.leave(bob, { room }));
    await makeRoom(b, bob, 'bobs');
    expect(await a.requests.direct(ann, { user: bob.user })).toMatchObject(toFull);
  });

  it('is refused with oneself and with nobody', async () => {
    expect(await a.requests.direct(ann, { user: ann.user })).toMatchObject({ refused: 'bad_request' });
    const nobody = parseUserId('f'.repeat(32)) ?? ann.user;
    expect(await a.requests.direct(ann, { user: nobody })).toMatchObject({ refused: 'invalid_name' });
  });

  it('costs what an invitation costs only when somebody is asked', async () => {
    await begin({ rateInvitesPair: { count: 1, periodMs: 3_600_000, burst: 1 } });
    const { room } = await openOn(a, ann, bob);
    for (let count = 0; count < 5; count += 1) await openOn(b, ann, bob);
    accepted(await b.requests.leave(bob, { room }));
    expect(await a.requests.direct(ann, { user: bob.user })).toMatchObject({ refused: 'rate_limited' });
    expect(await openOn(a, bob, ann)).toMatchObject({ room });
  });

  it('is left by an account that is closed, and nothing of that account waits anywhere', async () => {
    const [rob, liz] = [await KeyedPerson.make('Rob'), await KeyedPerson.make('Liz')];
    await rob.register(a.core);
    await liz.register(a.core);
    const [first, second] = [
      callerOf(await rob.login(a.core), 'one'),
      callerOf(await liz.login(a.core), 'two'),
    ];
    const { room } = await openOn(a, first, second);
    const pair = pairOf(first.user, second.user);
    await world.stores.contacts.endGeneration(pairOf(first.user, ann.user), 3);
    expect(await waitingFor(second)).toHaveLength(1);
    const at = greeting();
    accepted(await closeAccount(a.core, at, first, { signature: await rob.closing(at) }));
    await eventually(async () => expect(await waitingFor(second)).toEqual([]));
    expect(await membersOf({ room })).toEqual([second.user]);
    expect(await b.requests.direct(second, { user: first.user })).toMatchObject({ refused: 'unreachable' });
    await eventually(async () =>
      expect(await world.stores.contacts.endedGeneration(pairOf(first.user, ann.user))).toBe(0),
    );
    accepted(await b.requests.leave(second, { room }));
    expect(await world.stores.contacts.endedGeneration(pair)).toBe(1);
  });
});
