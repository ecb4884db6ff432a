import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { accepted, hasCopyFor, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import {
  listen,
  roomNamed,
  type ServiceNode,
  type ServiceWorld,
} from '../../test/support/ports/service-world.ts';
import { makeRoom, roomOnTwoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import type { RoomRecord } from '../domain/roster.ts';
import type { RoomId } from '../protocol/ids.ts';
import { parseMessageHeader } from '../protocol/layouts/message-header.ts';

const name = roomNamed('races');

describe('owners and moderators on two nodes', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: Caller;
  let bob: Caller;
  let eve: Caller;
  let room: RoomId;
  beforeEach(async () => {
    ({ world, a, b, ann, bob, eve, room } = await roomOnTwoNodes('races', ['bob', 'eve']));
  });
  const record = () => world.record(room);

  /** Sends until it is told to stop, each time for the roster as it was a moment ago. */
  async function stream(node: ServiceNode, caller: Caller, isOver: () => boolean): Promise<number> {
    const sends = new PreparedSends(caller);
    let count = 0;
    for (let tail = 0; tail < 5; tail += isOver() ? 1 : 0) {
      const view = await record();
      const { password } = view;
      const body = sends.prepare(view, { passwordNumber: password.number, number: count });
      if (!('refused' in (await node.requests.send(caller, body)))) count += 1;
    }
    return count;
  }

  it('a kick under a stream of sends: no copy after its answer, stored or published, on any node', async () => {
    const heard = await Promise.all([listen(a, room), listen(b, room)]);
    for (let round = 0; round < 5; round += 1) {
      let over = false;
      const streams = [stream(a, ann, () => over), stream(b, bob, () => over)];
      await eventually(async () =>
        expect((await world.stored(room)).length).toBeGreaterThan(5 * (round + 1)),
      );
      accepted(await a.requests.kick(ann, { room, user: eve.user }));
      const head = world.clocks.read(room)?.seq ?? 0;
      over = true;
      const counts = await Promise.all(streams);
      expect(Math.min(...counts)).toBeGreaterThan(0);
      const later = (await world.stored(room)).filter(({ seq }) => seq > head);
      expect(later.length).toBeGreaterThan(0);
      for (const message of later) expect(hasCopyFor(message, eve.user)).toBe(false);
      for (const { deliveries } of heard) {
        for (const envelope of deliveries)
          if (envelope.seq > head) expect(hasCopyFor(envelope, eve.user)).toBe(false);
      }
      accepted(await b.requests.join(eve, { name }));
    }
  });

  it('a ban and a join at once: whoever was banned is no member when the ban was answered', async () => {
    const dan = await world.caller('dan');
    const outcomes = new Set<string>();
    for (let round = 0; round < 60; round += 1) {
      const joining = b.requests.join(dan, { name });
      if (round % 3 === 0) await Promise.resolve();
      accepted(await a.requests.ban(ann, { room, user: dan.user }));
      expect((await record()).members.map(({ user }) => user)).not.toContain(dan.user);
      const joined = await joining;
      outcomes.add('refused' in joined ? joined.refused : 'joined');
      expect((await record()).members.map(({ user }) => user)).not.toContain(dan.user);
      accepted(await a.requests.unban(ann, { room, user: dan.user }));
    }
    for (const outcome of outcomes) expect(['banned', 'joined']).toContain(outcome);
  });

  it('a join that was prepared before a ban does not come in after it', async () => {
    const dan = await world.caller('dan');
    const held = b.rooms.hold('update');
    const joining = b.requests.join(dan, { name });
    await held.arrived;
    accepted(await a.requests.ban(ann, { room, user: dan.user }));
    held.release();
    expect(await joining).toMatchObject({ refused: 'banned' });
  });

  it('a moderator who is made a plain member meanwhile kicks nobody', async () => {
    accepted(await a.requests.grant(ann, { room, user: bob.user, role: 'moderator' }));
    const held = b.rooms.hold('update');
    const kicking = b.requests.kick(bob, { room, user: eve.user });
    await held.arrived;
    accepted(await a.requests.revoke(ann, { room, user: bob.user }));
    held.release();
    expect(await kicking).toMatchObject({ refused: 'forbidden' });
    expect((await record()).members.map(({ user }) => user)).toContain(eve.user);
  });

  it('a member who is made a moderator meanwhile is kicked by no other one', async () => {
    accepted(await a.requests.grant(ann, { room, user: bob.user, role: 'moderator' }));
    const held = b.rooms.hold('update');
    const kicking = b.requests.kick(bob, { room, user: eve.user });
    await held.arrived;
    accepted(await a.requests.grant(ann, { room, user: eve.user, role: 'moderator' }));
    held.release();
    expect(await kicking).toMatchObject({ refused: 'forbidden' });
  });

  it('a room that is handed over by two sessions at once has one owner', async () => {
    const outcomes = await Promise.all([
      a.requests.grant(ann, { room, user: bob.user, role: 'owner' }),
      b.requests.grant(world.session(ann), { room, user: eve.user, role: 'owner' }),
    ]);
    expect(outcomes.filter((outcome) => 'refused' in outcome)).toMatchObject([{ refused: 'forbidden' }]);
    expect((await record()).members.filter(({ role }) => role === 'owner')).toHaveLength(1);
  });

  it('a kick that died behind its record is completed by the next reading, and its user is told', async () => {
    const stale = new PreparedSends(bob).prepare(await record());
    const [inRoom, control] = [await listen(b, room), await listen(b, 'control')];
    a.rooms.loseAnswer('update');
    await expect(a.requests.kick(ann, { room, user: eve.user })).rejects.toMatchObject({
      name: 'Unavailable',
    });
    expect(world.clocks.read(room)).toMatchObject({ version: 3 });
    expect(await b.requests.kick(ann, { room, user: eve.user })).toMatchObject({
      refused: 'no_such_member',
    });
    expect(world.clocks.read(room)).toMatchObject({ version: 4, floor: 4 });
    await eventually(() => {
      expect(inRoom.notices).toMatchObject([{ change: 'kicked', user: eve.user }]);
      expect(control.notices).toMatchObject([{ about: 'own-room', user: eve.user, change: 'kicked' }]);
    });
    expect(await b.requests.send(bob, stale)).toMatchObject({ refused: 'stale_roster' });
  });

  it('a kick that is told again does not reach a user who is back', async () => {
    const setBack = world.clocks.replica(room);
    accepted(await a.requests.kick(ann, { room, user: eve.user }));
    accepted(await a.requests.join(eve, { name }));
    const [inRoom, control] = [await listen(b, room), await listen(b, 'control')];
    setBack();
    accepted(await b.requests.lookup(ann, { name }));
    await eventually(() =>
      expect(inRoom.notices).toMatchObject([
        { change: 'kicked', user: eve.user, version: 4 },
        { change: 'joined', user: eve.user, version: 5 },
      ]),
    );
    expect(control.notices.filter((notice) => notice.about === 'own-room')).toEqual([]);
  });

  it('a deletion that died behind its record is completed by whoever asks for the room next', async () => {
    accepted(await b.requests.send(bob, new PreparedSends(bob).prepare(await record())));
    const heard = await listen(b, room);
    a.rooms.loseAnswer('delete');
    await expect(a.requests.delete(ann, { room })).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await b.requests.delete(ann, { room })).toMatchObject({ refused: 'not_a_member' });
    expect(world.clocks.read(room)).toMatchObject({ gone: true });
    await eventually(async () => {
      expect(heard.notices).toMatchObject([{ about: 'room-gone' }]);
      expect(await world.stored(room)).toEqual([]);
    });
  });

  it('two rooms that take one name at once: one gets it, on whichever node', async () => {
    const other = await makeRoom(b, bob, 'other');
    for (let round = 0; round < 20; round += 1) {
      const wanted = roomNamed(`wanted${round}`);
      const outcomes = await Promise.all([
        a.requests.rename(ann, { room, name: wanted }),
        b.requests.rename(bob, { room: other.room, name: wanted }),
      ]);
      expect(outcomes.filter((outcome) => 'refused' in outcome)).toMatchObject([{ refused: 'name_taken' }]);
      const holder = await world.stores.rooms.byName(wanted.toLowerCase() as RoomRecord['folded']);
      expect(holder?.room).toBe('refused' in (outcomes[0] ?? {}) ? other.room : room);
    }
  });

  it('a password that changes under a stream of sends: none gets through under the old number', async () => {
    let over = false;
    const streams = [stream(a, ann, () => over), stream(b, bob, () => over)];
    await eventually(async () => expect((await world.stored(room)).length).toBeGreaterThan(5));
    const proof = new Uint8Array(32).fill(1);
    accepted(await a.requests.update(ann, { room, password: { salt: proof, proof } }));
    const head = world.clocks.read(room)?.seq ?? 0;
    over = true;
    await Promise.all(streams);
    const later = (await world.stored(room)).filter(({ seq }) => seq > head);
    expect(later.length).toBeGreaterThan(0);
    for (const { header } of later) {
      const parsed = parseMessageHeader(header);
      expect(parsed.ok && parsed.header.passwordNumber).toBe(1);
    }
    const old = new PreparedSends(eve).prepare({ ...(await record()), version: 3 });
    expect(await b.requests.send(eve, old)).toMatchObject({ refused: 'stale_roster' });
  });

  it('a retention that becomes 0 under a stream of sends: nothing is stored for longer', async () => {
    let over = false;
    const streams = [stream(a, ann, () => over), stream(b, bob, () => over)];
    await eventually(async () => expect((await world.stored(room)).length).toBeGreaterThan(5));
    accepted(await a.requests.update(ann, { room, retention: 0 }));
    const head = world.clocks.read(room)?.seq ?? 0;
    over = true;
    await Promise.all(streams);
    expect((await world.stored(room)).filter(({ seq }) => seq > head)).toEqual([]);
    expect(accepted(await b.requests.history(bob, { room, after: 0, limit: 9 })).messages).toEqual([]);
  });

  it('a message that was stored before the retention became 0 is answered again, not posted twice', async () => {
    const body = new PreparedSends(bob).prepare(await record());
    const first = accepted(await b.requests.send(bob, body));
    accepted(await a.requests.update(ann, { room, retention: 0 }));
    expect(await b.requests.send(bob, body)).toEqual(first);
  });
});
