import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import {
  listen,
  roomNamed,
  type ServiceNode,
  type ServiceWorld,
} from '../../test/support/ports/service-world.ts';
import { roomOnTwoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { applyChange, type RosterMember } from '../domain/roster.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';

const name = roomNamed('races');

describe('roster changes on two nodes', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: Caller;
  let bob: Caller;
  let room: RoomId;
  beforeEach(async () => {
    ({ world, a, b, ann, bob, room } = await roomOnTwoNodes('races'));
  });
  const record = () => world.record(room);

  it('a join that died behind its record is completed by the next reading, and everybody is told', async () => {
    const heard = await listen(a, room);
    b.rooms.loseAnswer('update');
    await expect(b.requests.join(bob, { name })).rejects.toMatchObject({ name: 'Unavailable' });
    expect(world.clocks.read(room)).toMatchObject({ version: 1 });
    accepted(await a.requests.lookup(ann, { name }));
    expect(world.clocks.read(room)).toMatchObject({ version: 2, floor: 1 });
    await eventually(() =>
      expect(heard.notices).toMatchObject([{ change: 'joined', user: bob.user, version: 2 }]),
    );
    expect(accepted(await a.requests.members(ann, { room })).members).toHaveLength(2);
  });

  it('a leave that died behind its record raises the floor by the next reading', async () => {
    accepted(await b.requests.join(bob, { name }));
    const stale = new PreparedSends(ann).prepare(await record());
    const heard = await listen(a, room);
    b.rooms.loseAnswer('update');
    await expect(b.requests.leave(bob, { room })).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await b.requests.leave(bob, { room })).toMatchObject({ refused: 'not_a_member' });
    expect(world.clocks.read(room)).toMatchObject({ version: 3, floor: 3 });
    expect(await a.requests.send(ann, stale)).toMatchObject({ refused: 'stale_roster', version: 3 });
    await eventually(() =>
      expect(heard.notices).toMatchObject([{ change: 'left', user: bob.user, floor: 3 }]),
    );
  });

  it('a change whose step at the clock was lost is completed by its own retry', async () => {
    b.sequencer.lose('rebuild');
    await expect(b.requests.join(bob, { name })).rejects.toMatchObject({ name: 'Unavailable' });
    const heard = await listen(a, room);
    expect(await b.requests.join(bob, { name })).toMatchObject({ refused: 'already_a_member', room });
    expect(world.clocks.read(room)).toMatchObject({ version: 2 });
    await eventually(() => expect(heard.notices[0]).toMatchObject({ change: 'joined', version: 2 }));
  });

  it('a deletion that died behind its record is completed by whoever asks for the room next', async () => {
    const old = await record();
    accepted(await a.requests.send(ann, new PreparedSends(ann).prepare(old)));
    const heard = await listen(b, room);
    a.rooms.loseAnswer('delete');
    await expect(a.requests.leave(ann, { room })).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await a.requests.leave(ann, { room })).toMatchObject({ refused: 'not_a_member' });
    expect(world.clocks.read(room)).toMatchObject({ gone: true });
    await eventually(() => expect(heard.notices).toMatchObject([{ about: 'room-gone' }]));
    await eventually(async () => expect(await world.stored(room)).toEqual([]));
    expect(await b.requests.history(ann, { room, after: 0, limit: 1 })).toMatchObject({
      refused: 'not_a_member',
    });
  });

  it('what was answered on one node holds on the other at once', async () => {
    accepted(await b.requests.history(ann, { room, after: 0, limit: 1 }));
    for (let round = 0; round < 20; round += 1) {
      accepted(await a.requests.join(bob, { name }));
      expect(accepted(await b.requests.members(bob, { room })).members).toHaveLength(2);
      accepted(await b.requests.leave(bob, { room }));
      expect(await a.requests.members(bob, { room })).toMatchObject({ refused: 'not_a_member' });
    }
  });

  it('a join held behind its reading of the clock loses nothing that is sent for it', async () => {
    for (let count = 0; count < 3; count += 1) {
      accepted(await a.requests.send(ann, new PreparedSends(ann).prepare(await record())));
    }
    const held = b.rooms.hold('update');
    const joining = b.requests.join(bob, { name });
    await held.arrived;
    accepted(await a.requests.send(ann, new PreparedSends(ann).prepare(await record())));
    held.release();
    const { info } = accepted(await joining);
    expect(info.joined).toBe(3);
    accepted(await a.requests.send(ann, new PreparedSends(ann).prepare(await record())));
    const page = accepted(await b.requests.history(bob, { room, after: 0, limit: 10 }));
    expect(page.messages.map(({ seq }) => seq)).toEqual([5]);
    expect(page).toMatchObject({ through: 5, more: false });
  });

  it('many who join and leave at random leave a roster as a model has it', async () => {
    const people = await Promise.all(
      Array.from({ length: 10 }, (_, index) => world.caller(`person${index}`)),
    );
    const wanted = new Set<UserId>([ann.user]);
    const heard = await listen(a, room);
    await Promise.all(
      people.map(async (caller, index) => {
        for (let step = 0; step < 20; step += 1) {
          const { requests } = Math.random() < 0.5 ? a : b;
          const isIn = wanted.has(caller.user);
          const outcome = isIn
            ? await requests.leave(caller, { room })
            : await requests.join(caller, { name });
          if ('refused' in outcome) expect(outcome.refused).toBe('rate_limited');
          else if (isIn) wanted.delete(caller.user);
          else wanted.add(caller.user);
          if (step % 5 === index % 5) accepted(await b.requests.lookup(caller, { name }));
        }
      }),
    );
    const last = await record();
    expect(new Set(last.members.map(({ user }) => user))).toEqual(wanted);
    const changes = (await world.stores.rooms.changes(room, 1, 1_000)) ?? [];
    expect(changes.map(({ version }) => version)).toEqual(
      Array.from({ length: last.version - 1 }, (_, i) => i + 2),
    );
    const first = (await record()).members.filter(({ since }) => since === 1);
    expect(changes.reduce<readonly RosterMember[]>(applyChange, first)).toEqual(last.members);
    expect(world.clocks.read(room)).toMatchObject({ version: last.version, floor: last.floor });
    await eventually(() => {
      const told = new Set(heard.notices.map((notice) => ('version' in notice ? notice.version : 0)));
      for (const { version } of changes) expect(told).toContain(version);
    });
    const page = accepted(await b.requests.members(ann, { room }));
    expect(page.members.map(({ user }) => user)).toEqual(last.members.map(({ user }) => user));
  });

  it('pages of members stay at the version of the first, and tell the changes since a version', async () => {
    const people = await Promise.all(
      Array.from({ length: 250 }, (_, index) => world.caller(`person${index}`)),
    );
    for (const caller of people) accepted(await a.requests.join(caller, { name }));
    const first = accepted(await b.requests.members(ann, { room }));
    expect(first).toMatchObject({ version: 251, cursor: expect.any(Uint8Array) });
    accepted(await a.requests.join(bob, { name }));
    const rest = accepted(await b.requests.members(ann, { room, ...cursorOf(first) }));
    expect(rest).toMatchObject({ version: 251 });
    expect(rest.cursor).toBeUndefined();
    expect(first.members.length + rest.members.length).toBe(251);
    expect([...first.members, ...rest.members].some(({ user }) => user === bob.user)).toBe(false);
    const [leaver] = people;
    if (leaver === undefined) throw new Error('there are people');
    accepted(await a.requests.leave(leaver, { room }));
    const since = accepted(await b.requests.members(ann, { room, since: 251 }));
    expect(since.version).toBe(253);
    expect(since.members.map(({ user, since: began, left }) => [user, began, left]).sort()).toEqual(
      [
        [bob.user, 252, undefined],
        [leaver.user, 2, 253],
      ].sort(),
    );
    // A node that does not have the version any more says so, rather than mixing two.
    const c = await world.node();
    const late = await c.requests.members(ann, { room, ...cursorOf(first) });
    expect(late).toMatchObject({ refused: 'conflict' });
  });
});

function cursorOf(page: { readonly cursor?: Uint8Array }): { readonly cursor: Uint8Array } {
  if (page.cursor === undefined) throw new Error('there is another page');
  return { cursor: page.cursor };
}
