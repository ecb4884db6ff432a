import { beforeEach, describe, expect, it } from 'vitest';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import { roomNamed, type ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { makeRoom } from '../../test/support/ports/set-ups.ts';
import { BucketTable } from '../adapters/embedded/in-process-rate-limits.ts';
import type { RoomView } from '../domain/roster.ts';
import type { RateLimits } from '../ports/rate-limits.ts';
import type { Rate } from '../protocol/limits.ts';
import type { Caller } from './caller.ts';
import { storedBytes } from './limits.ts';

const perDay = (bytes: number): Rate => ({ count: bytes, periodMs: 86_400_000, burst: bytes });

describe('what is stored', () => {
  let world: ServiceWorld;
  let ann: Caller;
  let bob: Caller;
  let refusedBy: string[];
  let takes: number;
  /** Of a message of PreparedSends to two members; the first of a chain is a little smaller. */
  let one: number;
  beforeEach(async () => {
    refusedBy = [];
    takes = 0;
    const { view } = await open({});
    const sends = new PreparedSends(ann);
    sends.prepare(view);
    one = storedBytes(sends.prepare(view));
  });

  /** Two members of one room, on two nodes that share their limits. */
  async function open(limits: { user?: number; room?: number }) {
    world = await ServiceWorld.open({
      rateStoredBytesUser: limits.user === undefined ? 'off' : perDay(limits.user),
      rateStoredBytesRoom: limits.room === undefined ? 'off' : perDay(limits.room),
    });
    const rateLimited = (limit: string) => void refusedBy.push(limit);
    const table = new BucketTable(() => 0);
    const shared: RateLimits = {
      async take(key, rate, cost = 1) {
        if (rate === 'off') return { allowed: true };
        takes += 1;
        return table.take(key, rate, cost);
      },
      async giveBack(key, rate, cost = 1) {
        table.giveBack(key, rate, cost);
      },
    };
    const [a, b] = [await world.node({ rateLimited }, shared), await world.node({ rateLimited }, shared)];
    [ann, bob] = [await world.caller('ann'), await world.caller('bob')];
    const { room } = await makeRoom(a, ann, 'store', 30);
    accepted(await a.requests.join(bob, { name: roomNamed('store') }));
    const view = await world.record(room);
    return { a, b, view };
  }

  /** Sends until it is refused; how many were taken, and the refusal. */
  async function fill(nodes: readonly ServiceNode[], view: RoomView, caller: Caller) {
    const sends = new PreparedSends(caller);
    for (let count = 0; ; count += 1) {
      const node = nodes[count % nodes.length] ?? expect.unreachable();
      const outcome = await node.requests.send(caller, sends.prepare(view));
      if ('refused' in outcome) return { count, outcome };
    }
  }

  it('counts header, ciphertext and the wraps for all recipients', async () => {
    const { view } = await open({});
    const { header, ciphertext, wraps } = new PreparedSends(ann).prepare(view);
    expect(wraps.length).toBe(512);
    expect(one).toBeGreaterThan(header.length + ciphertext.length + wraps.length);
  });

  it('by one user ends at the quota of the user, over all nodes, and not for others', async () => {
    const { a, b, view } = await open({ user: 20 * one });
    const { count, outcome } = await fill([a, b], view, ann);
    // Each node may still hold a part of what it took in advance.
    expect(count).toBeGreaterThanOrEqual(19);
    expect(count).toBeLessThanOrEqual(20);
    expect(outcome).toMatchObject({ refused: 'rate_limited', retryAfterMs: expect.any(Number) });
    expect(refusedBy).toEqual(['stored_bytes_user']);
    accepted(await a.requests.send(bob, new PreparedSends(bob).prepare(view)));
  });

  it('in one room ends at the quota of the room, whoever sends, and costs a refused sender nothing', async () => {
    const { a, view } = await open({ user: 15 * one, room: 20 * one });
    const first = await fill([a], view, ann);
    expect(first.count).toBe(15);
    const second = await fill([a], view, bob);
    expect(second.count).toBe(5);
    expect(second.outcome).toMatchObject({ refused: 'rate_limited' });
    expect(refusedBy).toEqual(['stored_bytes_user', 'stored_bytes_room']);
    const { room } = await makeRoom(a, bob, 'other', 1);
    const other = await world.record(room);
    expect((await fill([a], other, bob)).count).toBeGreaterThanOrEqual(10);
  });

  it('is not what is sent again, nor what a room keeps nothing of', async () => {
    const { a, view } = await open({ user: 3 * one });
    const send = new PreparedSends(ann).prepare(view);
    for (let round = 0; round < 10; round += 1) accepted(await a.requests.send(ann, send));
    const { room } = await makeRoom(a, ann, 'brief', 0);
    const brief = await world.record(room);
    const sends = new PreparedSends(ann);
    for (let round = 0; round < 10; round += 1) accepted(await a.requests.send(ann, sends.prepare(brief)));
    expect(await world.stored(view.room)).toHaveLength(1);
    expect((await fill([a], view, ann)).count).toBe(2);
  });

  it('asks the shared limits once for many messages', async () => {
    const { a, view } = await open({ user: 2 ** 30, room: 2 ** 33 });
    const sends = new PreparedSends(ann);
    const before = takes;
    for (let round = 0; round < 200; round += 1) accepted(await a.requests.send(ann, sends.prepare(view)));
    expect(takes - before).toBe(2);
  });
});
