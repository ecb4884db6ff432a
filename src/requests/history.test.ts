import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import { roomNamed, type ServiceNode, type ServiceWorld } from '../../test/support/ports/service-world.ts';
import { roomOnOneNode } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { RUN_MIN } from '../core/position-allocator.ts';
import { DAY_MS } from '../domain/roster.ts';
import { NOBODY } from '../ports/message-store.ts';
import type { RoomId } from '../protocol/ids.ts';
import { HISTORY_BYTES_MAX } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

const RETENTION_DAYS = 7;
const HOUR_MS = DAY_MS / 24;
const hours = { hidden: false, retention: 2, retentionHours: 30 };

describe('history', () => {
  let world: ServiceWorld;
  let node: ServiceNode;
  let ann: Caller;
  let room: RoomId;
  let sends: PreparedSends;
  beforeEach(async () => {
    ({ world, node, ann, room } = await roomOnOneNode('past', RETENTION_DAYS, { sweepEveryMs: 10 }));
    sends = new PreparedSends(ann);
  });

  async function post(count: number, ciphertextBytes = 64): Promise<void> {
    const record = await world.record(room);
    for (let sent = 0; sent < count; sent += 1) {
      const body = { ...sends.prepare(record), ciphertext: new Uint8Array(ciphertextBytes) };
      accepted(await node.requests.send(ann, body));
    }
  }

  const page = async (bounds: Omit<RequestBody<'history'>, 'room'>): Promise<ReplyBody<'history'>> =>
    accepted(await node.requests.history(ann, { room, ...bounds }));
  const seqs = ({ messages }: ReplyBody<'history'>): readonly number[] => messages.map(({ seq }) => seq);
  const range = (from: number, to: number): readonly number[] =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);

  it('goes forwards and backwards in ascending pages that meet', async () => {
    await post(25);
    const first = await page({ after: 0, limit: 10 });
    expect([seqs(first), first.through, first.more]).toEqual([range(1, 10), 10, true]);
    const last = await page({ after: 20, limit: 10 });
    expect([seqs(last), last.through, last.more]).toEqual([range(21, 25), 25, false]);
    const newest = await page({ before: 26, limit: 10 });
    expect([seqs(newest), newest.through, newest.more]).toEqual([range(16, 25), 16, true]);
    const oldest = await page({ before: 6, limit: 10 });
    expect([seqs(oldest), oldest.through, oldest.more]).toEqual([range(1, 5), 1, false]);
    expect(await page({ after: 25, limit: 10 })).toEqual({ messages: [], through: 25, more: false });
    expect(await page({ before: 1, limit: 10 })).toEqual({ messages: [], through: 1, more: false });
    const beyond = await page({ before: 1_000, limit: 1 });
    expect([seqs(beyond), beyond.through]).toEqual([[25], 25]);
  });

  it('holds messages for as many hours as the room says, and for as many days as it says later', async () => {
    await post(1);
    accepted(await node.requests.update(ann, { room, retention: 1, retentionHours: 12 }));
    await post(1);
    const { info } = accepted(await node.requests.create(ann, { ...hours, name: roomNamed('Brief') }));
    expect(info).toMatchObject({ retention: 2, retentionHours: 30 });
    world.clock.aheadMs = 11 * HOUR_MS;
    expect(seqs(await page({ after: 0, limit: 9 }))).toEqual([1, 2]);
    await post(1);
    world.clock.aheadMs = 13 * HOUR_MS;
    expect(seqs(await page({ after: 0, limit: 9 }))).toEqual([3]);
    accepted(await node.requests.update(ann, { room, retention: 2 }));
    // What is stored gets its new life in the background.
    await eventually(async () => expect(await world.stores.rooms.jobs(undefined, 9)).toEqual([]));
    world.clock.aheadMs = 24 * HOUR_MS;
    expect(seqs(await page({ after: 0, limit: 9 }))).toEqual([3]);
  });

  it('takes no hours that are not of the days beside them', async () => {
    const { version } = await world.record(room);
    for (const wrong of [
      { retentionHours: 12 },
      { retention: 0, retentionHours: 12 },
      { retention: 2, retentionHours: 24 },
    ])
      expect(await node.requests.update(ann, { room, ...wrong })).toMatchObject({ refused: 'bad_request' });
    const made = { ...hours, retention: 1, name: roomNamed('Brief') };
    expect(await node.requests.create(ann, made)).toMatchObject({ refused: 'bad_request' });
    accepted(await node.requests.update(ann, { room, retention: RETENTION_DAYS, retentionHours: 168 }));
    expect((await world.record(room)).version).toBe(version);
  });

  it('ends a page at its bytes, in both directions', async () => {
    await post(30, 20_000);
    const forwards = await page({ after: 0, limit: 100 });
    const count = forwards.messages.length;
    expect(count * 20_000).toBeLessThan(HISTORY_BYTES_MAX);
    expect([seqs(forwards), forwards.through, forwards.more]).toEqual([range(1, count), count, true]);
    const backwards = await page({ before: 31, limit: 100 });
    expect([seqs(backwards), backwards.through]).toEqual([range(31 - count, 30), 31 - count]);
  });

  it('gets through the positions that a lost clock skipped, either way, and settles them once', async () => {
    await post(2);
    for (let round = 1; round <= 3; round += 1) {
      world.clocks.lose();
      await post(2);
    }
    const expected = [1, 2, ...[1, 2, 3].flatMap((round) => [round * RUN_MIN + 1, round * RUN_MIN + 2])];
    const forwards: number[] = [];
    for (let after = 0, more = true; more; ) {
      const found = await page({ after, limit: 3 });
      expect(found.through).toBeGreaterThan(after);
      forwards.push(...seqs(found));
      [after, more] = [found.through, found.more];
    }
    expect(forwards).toEqual(expected);
    const settled = node.messages.count('settle');
    const backwards: number[] = [];
    for (let before = 3 * RUN_MIN + 3, more = true; more; ) {
      const found = await page({ before, limit: 3 });
      expect(found.through).toBeLessThan(before);
      backwards.unshift(...seqs(found));
      [before, more] = [found.through, found.more];
    }
    expect(backwards).toEqual(expected);
    expect(node.messages.count('settle')).toBe(settled);
    await eventually(async () =>
      expect((await world.stores.rooms.byId(room))?.settledThrough).toBe(3 * RUN_MIN + 2),
    );
  });

  it('passes a long span in one step, either way, by one record and one write', async () => {
    await post(2);
    const record = await world.record(room);
    await world.stores.rooms.raiseCeiling(room, record.seqCeiling, 20_000);
    world.clocks.lose();
    await post(1);
    const forwards = await page({ after: 0, limit: 10 });
    expect([seqs(forwards), forwards.through, forwards.more]).toEqual([[1, 2, 20_001], 20_001, false]);
    expect(node.messages.count('settle')).toBe(1);
    const backwards = await page({ before: 20_001, limit: 1 });
    expect([seqs(backwards), backwards.through, backwards.more]).toEqual([[2], 2, true]);
    const within = await page({ before: 10_000, limit: 10 });
    expect([seqs(within), within.through]).toEqual([[1, 2], 1]);
    expect(await page({ after: 19_999, limit: 10 })).toMatchObject({ through: 20_001, more: false });
    expect(node.messages.count('settle')).toBe(1);
  });

  it('passes what expired without settling it again', async () => {
    await post(38);
    accepted(await node.requests.history(ann, { room, after: 0, limit: 100 }));
    await world.stores.rooms.raiseSettled(room, 38);
    world.clock.aheadMs = RETENTION_DAYS * DAY_MS;
    await post(2);
    const everything = { after: 0, through: 100, order: 'ascending', limit: 100 } as const;
    await eventually(async () => expect(await world.messages.page(room, NOBODY, everything)).toHaveLength(2));
    const found = await page({ after: 0, limit: 10 });
    expect([seqs(found), found.through, found.more]).toEqual([[39, 40], 40, false]);
    expect(node.messages.count('settle')).toBe(0);
  });

  it('shows a joiner only what was sent for it since it joined', async () => {
    await post(3);
    const bob = await world.caller('bob');
    accepted(await node.requests.join(bob, { name: roomNamed('past') }));
    await post(2);
    const found = accepted(await node.requests.history(bob, { room, after: 0, limit: 10 }));
    expect([seqs(found), found.through]).toEqual([[4, 5], 5]);
    const back = accepted(await node.requests.history(bob, { room, before: 6, limit: 10 }));
    expect([seqs(back), back.through, back.more]).toEqual([[4, 5], 4, false]);
  });

  it('wants one direction and a limit', async () => {
    for (const bounds of [{ limit: 1 }, { after: 0, before: 2, limit: 1 }, { after: 0, limit: 0 }]) {
      const outcome = await node.requests.history(ann, { room, ...bounds });
      expect(outcome).toMatchObject({ refused: 'bad_request' });
    }
  });
});
