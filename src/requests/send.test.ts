import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import { listen, type ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { makeRoom } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { RUN_MAX, RUN_MIN } from '../core/position-allocator.ts';
import { QUEUE_WAITING_MAX } from '../core/send-queue.ts';
import type { RoomView } from '../domain/roster.ts';
import type { ReplyBody } from '../protocol/requests.ts';

/** What makes a header one of suite 2. */
const underAnEpoch = {
  seen: { position: 0, headerHash: new Uint8Array(0) },
  epoch: { number: 1, recordHash: new Uint8Array(32), salt: new Uint8Array(32) },
};

describe('posting', () => {
  let world: ServiceWorld;
  let node: ServiceNode;
  let ann: Caller;
  let view: RoomView;
  beforeEach(async () => {
    world = await ServiceWorld.open();
    node = await world.node();
    ann = await world.caller('ann');
    view = await openRoom(30);
  });

  async function openRoom(retention: number): Promise<RoomView> {
    return world.record((await makeRoom(node, ann, `room${retention}`, retention)).room);
  }

  it('stores, publishes and acknowledges in the order of the session, past many ceilings', async () => {
    const heard = await listen(node, view.room);
    const sends = new PreparedSends(ann);
    const replies: ReplyBody<'send'>[] = [];
    for (let round = 0; round < 11; round += 1) {
      const burst = Array.from({ length: 100 }, () => node.requests.send(ann, sends.prepare(view)));
      for (const outcome of await Promise.all(burst)) replies.push(accepted(outcome));
    }
    const positions = replies.map(({ seq }) => seq);
    expect(positions).toEqual(Array.from({ length: 1_100 }, (_, index) => index + 1));
    expect((await world.stored(view.room)).map(({ seq }) => seq)).toEqual(positions);
    await eventually(() => expect(heard.deliveries.map(({ seq }) => seq)).toEqual(positions));
    const { seqCeiling } = await world.record(view.room);
    expect(seqCeiling).toBeGreaterThanOrEqual(1_100);
    expect(seqCeiling).toBeLessThanOrEqual(1_100 + 2 * RUN_MAX);
    // A busy room pays one write for many positions.
    expect(node.rooms.count('raiseCeiling')).toBeLessThan(12);
  });

  it('asks for the next positions before a sender has to wait for them', async () => {
    const sends = new PreparedSends(ann);
    const post = async () => accepted(await node.requests.send(ann, sends.prepare(view)));
    for (let count = 0; count < RUN_MIN - RUN_MIN / 4 + 1; count += 1) await post();
    await eventually(() => expect(world.clocks.read(view.room)?.ceiling).toBeGreaterThan(RUN_MIN));
    const raised = node.rooms.count('raiseCeiling');
    for (let count = 0; count < RUN_MIN / 4; count += 1) await post();
    expect(node.rooms.count('raiseCeiling')).toBe(raised);
  });

  it('shares appends between the sessions that wait', async () => {
    const before = node.messages.count('append');
    const people = Array.from({ length: 40 }, () => world.session(ann));
    await Promise.all(
      people.map(async (caller) => {
        for (const send of Array.from({ length: 5 }, () => new PreparedSends(caller))) {
          accepted(await node.requests.send(caller, send.prepare(view)));
        }
      }),
    );
    expect(await world.stored(view.room)).toHaveLength(200);
    expect(node.messages.count('append') - before).toBeLessThan(40);
  });

  it('answers the same message again with its position and publishes the stored copy', async () => {
    const heard = await listen(node, view.room);
    const body = new PreparedSends(ann).prepare(view);
    const first = accepted(await node.requests.send(ann, body));
    const again = accepted(await node.requests.send(world.session(ann), body));
    expect(again).toEqual(first);
    expect(await world.stored(view.room)).toHaveLength(1);
    await eventually(() => expect(heard.deliveries).toHaveLength(2));
    expect(heard.deliveries[1]?.prefixAndWraps).toEqual(heard.deliveries[0]?.prefixAndWraps);
  });

  it('gives the chain conflicts after a refusal until a lower or the same number is accepted', async () => {
    const sends = new PreparedSends(ann);
    const [first, second, third] = [sends.prepare(view), sends.prepare(view), sends.prepare(view)];
    const short = { ...second, wraps: new Uint8Array(0) };
    const outcomes = await Promise.all([first, short, third].map((body) => node.requests.send(ann, body)));
    expect(outcomes.map((outcome) => ('refused' in outcome ? outcome.refused : 'accepted'))).toEqual([
      'accepted',
      'bad_request',
      'conflict',
    ]);
    expect(await node.requests.send(ann, third)).toMatchObject({ refused: 'conflict' });
    accepted(await node.requests.send(ann, second));
    accepted(await node.requests.send(ann, third));
    // Another chain of the same session was never touched.
    accepted(await node.requests.send(ann, new PreparedSends(ann).prepare(view)));
  });

  it('keeps a chain in order when the store loses an append in the middle', async () => {
    const sends = new PreparedSends(ann);
    const bodies = Array.from({ length: 5 }, () => sends.prepare(view));
    const [head, ...rest] = bodies;
    if (head === undefined) throw new Error('five were prepared');
    accepted(await node.requests.send(ann, head));
    node.messages.loseAnswer('append');
    const outcomes = await Promise.allSettled(rest.map((body) => node.requests.send(ann, body)));
    expect(outcomes[0]).toMatchObject({ status: 'rejected', reason: { name: 'Unavailable' } });
    for (const outcome of outcomes.slice(1))
      expect(outcome).toMatchObject({ value: { refused: 'conflict' } });
    for (const body of rest) accepted(await node.requests.send(ann, body));
    const stored = await world.stored(view.room);
    expect(stored.map(({ header }) => header)).toEqual(bodies.map(({ header }) => header));
  });

  it('refuses what is not what the session and the room are', async () => {
    const sends = new PreparedSends(ann);
    const bob = await world.caller('bob');
    const refusals = [
      [ann, { ...sends.prepare(view), header: new Uint8Array(3) }, 'bad_request'],
      [bob, sends.prepare(view), 'bad_request'],
      [ann, sends.prepare(view, { rosterVersion: 7 }), 'bad_request'],
      [ann, new PreparedSends(ann).prepare(view, underAnEpoch), 'unsupported_version'],
      [ann, new PreparedSends(ann).prepare(view, { passwordNumber: 1 }), 'stale_roster'],
      [bob, new PreparedSends(bob).prepare(view), 'not_a_member'],
      [ann, new PreparedSends(ann).prepare({ ...view, version: 9 }), 'stale_roster'],
      [ann, new PreparedSends(ann).prepare({ ...view, version: 0 }), 'stale_roster'],
    ] as const;
    for (const [caller, body, code] of refusals) {
      expect(await node.requests.send(caller, body)).toMatchObject({ refused: code });
    }
    expect(await world.stored(view.room)).toHaveLength(0);
  });

  it('bounds what waits in a queue, and does not let later numbers pass', async () => {
    const sends = new PreparedSends(ann);
    const held = node.sequencer.hold('next');
    const bodies = Array.from({ length: QUEUE_WAITING_MAX + 2 }, () => sends.prepare(view));
    const outcomes = bodies.map((body) => node.requests.send(ann, body));
    expect(await outcomes.at(-1)).toMatchObject({ refused: 'rate_limited' });
    held.release();
    const settled = await Promise.all(outcomes);
    expect(settled.filter((outcome) => 'seq' in outcome)).toHaveLength(QUEUE_WAITING_MAX);
    const [last] = bodies.slice(-1);
    if (last === undefined) throw new Error('some were prepared');
    expect(await node.requests.send(ann, last)).toMatchObject({ refused: 'conflict' });
  });

  it('publishes again in the background what the broker did not take', async () => {
    const heard = await listen(node, view.room);
    node.broker.lose('publish', 2);
    const { seq } = accepted(await node.requests.send(ann, new PreparedSends(ann).prepare(view)));
    await eventually(() => expect(heard.deliveries.map((delivery) => delivery.seq)).toEqual([seq]));
  });

  it('remembers the messages of a room that stores nothing, and publishes a repeat again', async () => {
    const passing = await openRoom(0);
    const heard = await listen(node, passing.room);
    const body = new PreparedSends(ann).prepare(passing);
    const first = accepted(await node.requests.send(ann, body));
    expect(accepted(await node.requests.send(ann, body))).toEqual(first);
    expect(await world.stored(passing.room)).toHaveLength(0);
    await eventually(() => expect(heard.deliveries.map(({ seq }) => seq)).toEqual([1, 1]));
    const page = await node.requests.history(ann, { room: passing.room, after: 0, limit: 10 });
    expect(page).toEqual({ messages: [], through: 1, more: false });
  });

  it('slows a user down, over all of its sessions', async () => {
    const slow = await ServiceWorld.open({ rateMessagesUser: { count: 1, periodMs: 60_000, burst: 3 } });
    const other = await slow.node();
    const eve = await slow.caller('eve');
    const { room } = await makeRoom(other, eve, 'slow');
    const record = await slow.record(room);
    const outcomes = [];
    for (let count = 0; count < 4; count += 1) {
      const caller = slow.session(eve);
      outcomes.push(await other.requests.send(caller, new PreparedSends(caller).prepare(record)));
    }
    expect(outcomes.map((outcome) => 'refused' in outcome)).toEqual([false, false, false, true]);
    expect(outcomes[3]).toMatchObject({ refused: 'rate_limited', retryAfterMs: expect.any(Number) });
  });
});
