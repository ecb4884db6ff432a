import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { joinInACrowd } from '../../test/support/ports/join-in-a-crowd.ts';
import { accepted, hasCopyFor, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import {
  listen,
  roomNamed,
  type ServiceNode,
  type ServiceWorld,
} from '../../test/support/ports/service-world.ts';
import { roomOnTwoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { RUN_MIN } from '../core/position-allocator.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { ReplyBody } from '../protocol/requests.ts';

describe('posting on two nodes', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: Caller;
  let bob: Caller;
  let room: RoomId;
  beforeEach(async () => {
    ({ world, a, b, ann, bob, room } = await roomOnTwoNodes('races', ['bob']));
  });
  const record = () => world.record(room);

  const post = async (node: ServiceNode, caller: Caller): Promise<ReplyBody<'send'>> =>
    accepted(await node.requests.send(caller, new PreparedSends(caller).prepare(await record())));

  /** All that a reader is told, page by page from its joining on. */
  async function readAll(node: ServiceNode, caller: Caller): Promise<{ seqs: number[]; through: number }> {
    const seqs: number[] = [];
    let after = 0;
    for (;;) {
      const page = accepted(await node.requests.history(caller, { room, after, limit: 100 }));
      seqs.push(...page.messages.map(({ seq }) => seq));
      if (!page.more) return { seqs, through: page.through };
      expect(page.through).toBeGreaterThan(after);
      after = page.through;
    }
  }

  it('a node that pauses between position and append gets another position once readers have passed', async () => {
    await post(b, bob);
    const held = a.messages.hold('append');
    const slow = post(a, ann);
    await held.arrived;
    const fast = await post(b, bob);
    expect(fast.seq).toBe(3);
    const before = await readAll(b, bob);
    expect(before).toEqual({ seqs: [1, 3], through: 3 });
    held.release();
    expect((await slow).seq).toBe(4);
    expect(await readAll(b, bob)).toEqual({ seqs: [1, 3, 4], through: 4 });
  });

  it('a reader gets a message that comes while its position is being settled', async () => {
    const held = a.messages.hold('append');
    const slow = post(a, ann);
    await held.arrived;
    await post(b, bob);
    const settling = b.messages.hold('settle');
    const page = b.requests.history(bob, { room, after: 0, limit: 10 });
    await settling.arrived;
    held.release();
    expect((await slow).seq).toBe(1);
    settling.release();
    expect(accepted(await page).messages.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('a message whose node died between store and channel is published by the retry', async () => {
    const heard = await listen(b, room);
    const body = new PreparedSends(ann).prepare(await record());
    a.messages.loseAnswer('append');
    await expect(a.requests.send(ann, body)).rejects.toMatchObject({ name: 'Unavailable' });
    expect(heard.deliveries).toHaveLength(0);
    const reply = accepted(await b.requests.send(world.session(ann), body));
    expect(reply.seq).toBe(1);
    await eventually(() => expect(heard.deliveries.map(({ seq }) => seq)).toEqual([1]));
    expect(await world.stored(room)).toHaveLength(1);
  });

  it('a lost clock is rebuilt by two nodes at once, and no position comes twice', async () => {
    for (let count = 0; count < 5; count += 1) await post(a, ann);
    world.clocks.lose();
    const posts = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? post(a, world.session(ann)) : post(b, world.session(bob)),
      ),
    );
    const seqs = posts.map(({ seq }) => seq).sort((x, y) => x - y);
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, index) => RUN_MIN + 1 + index));
    const read = await readAll(b, bob);
    expect(read).toEqual({ seqs: [1, 2, 3, 4, 5, ...seqs], through: RUN_MIN + 20 });
  });

  it('readers that are faster than a writer cost it positions, but the clock does not jump', async () => {
    const first = a.messages.hold('append');
    const second = a.messages.hold('append');
    const slow = post(a, ann);
    await first.arrived;
    expect((await readAll(b, bob)).through).toBe(1);
    first.release();
    await second.arrived;
    expect((await readAll(b, bob)).through).toBe(2);
    second.release();
    expect((await slow).seq).toBe(3);
    expect(world.clocks.read(room)).toMatchObject({ seq: 3, ceiling: RUN_MIN });
  });

  it('a clock that went back is passed by what nodes have seen', async () => {
    for (let count = 0; count < 3; count += 1) await post(a, ann);
    const failOver = world.clocks.replica(room);
    for (let count = 0; count < 7; count += 1) await post(a, ann);
    failOver();
    b.core.watermarks.note(room, { seq: 10 });
    expect((await post(b, bob)).seq).toBe(11);
    expect((await readAll(a, ann)).seqs).toHaveLength(11);
  });

  it('after a failover a reader is told of all that is stored, on a node that saw none of it', async () => {
    for (let count = 0; count < 3; count += 1) await post(a, ann);
    const failOver = world.clocks.replica(room);
    for (let count = 0; count < 7; count += 1) await post(a, ann);
    failOver();
    await b.core.views.recover([]);
    expect(await readAll(b, bob)).toEqual({ seqs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], through: 10 });
    expect((await post(b, bob)).seq).toBe(11);
  });

  it('a clock that went back below what is stored, and nobody noticed, goes on behind the ceiling', async () => {
    await post(b, bob);
    for (let count = 0; count < 2; count += 1) await post(a, ann);
    const failOver = world.clocks.replica(room);
    for (let count = 0; count < 7; count += 1) await post(a, ann);
    failOver();
    expect((await post(b, bob)).seq).toBe(RUN_MIN + 1);
    const read = await readAll(b, bob);
    expect(read.seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, RUN_MIN + 1]);
    expect(read.through).toBe(RUN_MIN + 1);
  });

  it('the relay was away: the floor of the record holds before anything is posted', async () => {
    const old = await record();
    const stale = new PreparedSends(ann).prepare(old);
    await post(a, ann);
    const failOver = world.clocks.replica(room);
    accepted(await b.requests.leave(bob, { room }));
    failOver();
    await a.core.views.recover([room]);
    expect(await a.requests.send(ann, stale)).toMatchObject({ refused: 'stale_roster', version: 3 });
    expect(world.clocks.read(room)).toMatchObject({ version: 3, floor: 3 });
  });

  it('a room that was not named in the recovery is raised by its first use', async () => {
    const stale = new PreparedSends(ann).prepare(await record());
    await post(a, ann);
    const failOver = world.clocks.replica(room);
    accepted(await b.requests.leave(bob, { room }));
    failOver();
    await a.core.views.recover([]);
    expect(await a.requests.send(ann, stale)).toMatchObject({ refused: 'stale_roster' });
  });

  it('a leave under a stream of sends: no position behind its answer carries a copy for who left', async () => {
    await using stream = sending(() => [a, b]);
    await eventually(async () => expect((await world.stored(room)).length).toBeGreaterThan(20));
    accepted(await b.requests.leave(bob, { room }));
    const head = world.clocks.read(room)?.seq ?? 0;
    await eventually(async () => expect((await world.stored(room)).length).toBeGreaterThan(head + 20));
    await stream.end();
    const behind = (await world.stored(room)).filter(({ seq }) => seq > head);
    expect(behind.length).toBeGreaterThan(20);
    expect(behind.filter((message) => hasCopyFor(message, bob.user))).toEqual([]);
    expect(await b.requests.history(bob, { room, after: 0, limit: 10 })).toMatchObject({
      refused: 'not_a_member',
    });
  });

  it('joins while others write do not hold up the writers, and no message after a join is lost to the joiner', async () => {
    await using stream = sending(() => [a, b]);
    const joiners = await Promise.all(
      Array.from({ length: 12 }, (_, index) => world.caller(`joiner${index}`)),
    );
    const joined = await Promise.all(
      joiners.map(async (caller, index) => {
        return (await joinInACrowd(index % 2 === 0 ? a : b, caller, roomNamed('races'))).info;
      }),
    );
    const written = (await world.stored(room)).length;
    await eventually(async () => expect((await world.stored(room)).length).toBeGreaterThan(written + 30));
    await stream.end();
    expect(stream.refused).toEqual([]);
    for (const [index, caller] of joiners.entries()) {
      const info = joined[index];
      if (info === undefined) throw new Error('all joined');
      const addressed = (await world.stored(room)).filter((message) => hasCopyFor(message, caller.user));
      expect(addressed.every(({ seq }) => seq > info.joined)).toBe(true);
      const { seqs } = await readAll(b, caller);
      expect(seqs).toEqual(addressed.map(({ seq }) => seq));
      expect(seqs.length).toBeGreaterThan(0);
    }
  });

  /** Ann writes on every node without a pause, each message for the roster as it is when she makes it. */
  function sending(nodes: () => readonly ServiceNode[]) {
    let isEnding = false;
    const refused: string[] = [];
    const lanes = nodes().map(async (node) => {
      const caller = world.session(ann);
      const sends = new PreparedSends(caller);
      for (let number = 0; !isEnding; ) {
        const body = sends.prepare(await record(), { number });
        const outcome = await node.requests.send(caller, body);
        if ('seq' in outcome) number += 1;
        else refused.push(outcome.refused);
        if ('refused' in outcome && outcome.refused !== 'stale_roster') isEnding = true;
      }
    });
    const end = async (): Promise<void> => {
      isEnding = true;
      await Promise.all(lanes);
    };
    return { refused, end, [Symbol.asyncDispose]: end };
  }
});
