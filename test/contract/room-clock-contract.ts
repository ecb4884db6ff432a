import { describe, expect, test } from 'vitest';
import type { NextOutcome, NextPosition, Sequencer, Watermark } from '../../src/ports/sequencer.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { eventually } from '../support/eventually.ts';
import { newMessageId, newRoom, type OpenRelayPair } from './support-relay.ts';

const unseen: Watermark = { seq: 0, version: 0, floor: 0 };

function ask(room: RoomId, more: Partial<NextPosition> = {}): NextPosition {
  return { room, version: 1, seen: unseen, ...more };
}

async function newClock(clock: Sequencer, ceiling = 1000): Promise<RoomId> {
  const room = newRoom();
  await clock.rebuild(room, { seq: 0, version: 1, floor: 1, ceiling });
  return room;
}

const seqOf = (outcome: NextOutcome): number => (outcome.kind === 'position' ? outcome.seq : Number.NaN);

/** What every room clock guarantees. */
export function roomClockContract(name: string, open: OpenRelayPair): void {
  describe(`room clock on ${name}`, () => {
    test('a clock that was never set is missing', async () => {
      await using pair = await open();
      await expect(pair.a.sequencer.next(ask(newRoom()))).resolves.toEqual({ kind: 'missing' });
      await expect(pair.a.sequencer.read([newRoom()])).resolves.toEqual([undefined]);
    });

    test('positions count from 1 over both nodes, and time follows order', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      const before = Date.now();
      let last = 0;
      for (let seq = 1; seq <= 20; seq += 1) {
        const outcome = await (seq % 2 === 0 ? pair.a : pair.b).sequencer.next(ask(room));
        if (outcome.kind !== 'position') throw new Error(`unexpected ${outcome.kind}`);
        expect(outcome.seq).toBe(seq);
        expect(Number.isSafeInteger(outcome.at)).toBe(true);
        expect(outcome.at).toBeGreaterThanOrEqual(last);
        last = outcome.at;
      }
      expect(Math.abs(last - before)).toBeLessThan(60_000);
    });

    test('concurrent steps from both nodes give every position once', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          (index % 2 === 0 ? pair.a : pair.b).sequencer.next(ask(room)),
        ),
      );
      expect(outcomes.map(seqOf).toSorted((x, y) => x - y)).toEqual(
        Array.from({ length: 200 }, (_, index) => index + 1),
      );
    });

    test('a clock that is behind takes the highest that a node has seen before it goes on', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      const outcome = await pair.b.sequencer.next(
        ask(room, { version: 7, seen: { seq: 41, version: 7, floor: 6 } }),
      );
      expect(seqOf(outcome)).toBe(42);
      await expect(pair.a.sequencer.read([room])).resolves.toEqual([
        { seq: 42, version: 7, floor: 6, ceiling: 1000, epoch: 0, gone: false },
      ]);
    });

    test('a version below the floor is stale and takes no position', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      await pair.b.sequencer.raise(room, { version: 5, floor: 4 });
      await expect(pair.a.sequencer.next(ask(room, { version: 3 }))).resolves.toEqual({
        kind: 'stale',
        version: 5,
        floor: 4,
      });
      expect(seqOf(await pair.a.sequencer.next(ask(room, { version: 4 })))).toBe(1);
    });

    test('a floor that the asking node has seen counts at once', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      const outcome = await pair.a.sequencer.next(
        ask(room, { version: 1, seen: { seq: 0, version: 9, floor: 8 } }),
      );
      expect(outcome).toEqual({ kind: 'stale', version: 9, floor: 8 });
      await expect(pair.b.sequencer.next(ask(room, { version: 7 }))).resolves.toMatchObject({
        kind: 'stale',
        floor: 8,
      });
    });

    test('no position passes the ceiling until it is raised', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer, 2);
      expect(seqOf(await pair.a.sequencer.next(ask(room)))).toBe(1);
      expect(seqOf(await pair.b.sequencer.next(ask(room)))).toBe(2);
      await expect(pair.a.sequencer.next(ask(room))).resolves.toEqual({ kind: 'ceiling', ceiling: 2 });
      await pair.b.sequencer.raise(room, { ceiling: 1002 });
      expect(seqOf(await pair.a.sequencer.next(ask(room)))).toBe(3);
    });

    test('raise() raises what is smaller and lowers nothing', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      await pair.a.sequencer.raise(room, { seq: 10, version: 5, floor: 3, ceiling: 2000 });
      await pair.b.sequencer.raise(room, { seq: 4, version: 6, floor: 1, ceiling: 100 });
      expect(await pair.b.sequencer.raise(room, {})).toBe(true);
      await expect(pair.a.sequencer.read([room])).resolves.toEqual([
        { seq: 10, version: 6, floor: 3, ceiling: 2000, epoch: 0, gone: false },
      ]);
    });

    test('the highest number of an epoch is raised beside the rest, and by a rebuilding too', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      const epoch = async () => (await pair.b.sequencer.read([room]))[0]?.epoch;
      expect(await epoch()).toBe(0);
      await pair.a.sequencer.raise(room, { epoch: 7 });
      await pair.b.sequencer.raise(room, { epoch: 3 });
      expect(await epoch()).toBe(7);
      await pair.a.sequencer.rebuild(room, { seq: 0, version: 1, floor: 1, ceiling: 1, epoch: 9 });
      expect(await epoch()).toBe(9);
      await pair.a.sequencer.rebuild(room, { seq: 0, version: 1, floor: 1, ceiling: 1 });
      expect(await epoch()).toBe(9);
      const lost = newRoom();
      await pair.a.sequencer.rebuild(lost, { seq: 0, version: 1, floor: 1, ceiling: 1, epoch: 4 });
      expect(await pair.b.sequencer.read([lost])).toMatchObject([{ epoch: 4 }]);
    });

    test('one holder at a time is left to make an epoch, until the lease ends or a later one is wanted', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      const lease = (holder: string, number = 5, lifeMs = 60_000) => ({ room, number, holder, lifeMs });
      expect(await pair.a.sequencer.leaseEpoch(lease('ann'))).toBe(0);
      expect(await pair.b.sequencer.leaseEpoch(lease('ann'))).toBe(0);
      const waitMs = await pair.b.sequencer.leaseEpoch(lease('bob'));
      expect(waitMs).toBeGreaterThan(50_000);
      expect(waitMs).toBeLessThanOrEqual(60_000);
      expect(await pair.b.sequencer.leaseEpoch(lease('bob', 4))).toBeGreaterThan(0);
      expect(await pair.b.sequencer.leaseEpoch(lease('bob', 6, 1))).toBe(0);
      await eventually(async () => expect(await pair.a.sequencer.leaseEpoch(lease('eve', 6, 1))).toBe(0));
      expect(await pair.a.sequencer.leaseEpoch({ ...lease('ann'), room: newRoom() })).toBe(0);
    });

    test('a lease that its holder gives up, and no other one, is free at once', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      const lease = (holder: string) => ({ room, number: 5, holder, lifeMs: 60_000 });
      await pair.a.sequencer.releaseEpoch(room, 'ann');
      expect(await pair.a.sequencer.leaseEpoch(lease('ann'))).toBe(0);
      await pair.b.sequencer.releaseEpoch(room, 'bob');
      expect(await pair.b.sequencer.leaseEpoch(lease('bob'))).toBeGreaterThan(0);
      await pair.b.sequencer.releaseEpoch(room, 'ann');
      expect(await pair.b.sequencer.leaseEpoch(lease('bob'))).toBe(0);
      await pair.a.sequencer.releaseEpoch(newRoom(), 'ann');
    });

    test('raise() makes no clock, and says that there is none', async () => {
      await using pair = await open();
      const room = newRoom();
      const marks = { seq: 10, version: 5, floor: 3, ceiling: 2000, epoch: 2 };
      expect(await pair.a.sequencer.raise(room, marks)).toBe(false);
      await expect(pair.a.sequencer.next(ask(room))).resolves.toEqual({ kind: 'missing' });
      const deleted = await newClock(pair.a.sequencer);
      await pair.a.sequencer.remove(deleted);
      expect(await pair.b.sequencer.raise(deleted, marks)).toBe(false);
    });

    test('rebuild() of a clock that is there raises all but the position', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      await pair.a.sequencer.next(ask(room));
      await pair.b.sequencer.rebuild(room, { seq: 1000, version: 4, floor: 2, ceiling: 2000 });
      await expect(pair.a.sequencer.read([room])).resolves.toEqual([
        { seq: 1, version: 4, floor: 2, ceiling: 2000, epoch: 0, gone: false },
      ]);
    });

    test('nodes that rebuild one clock at the same time never get one position twice', async () => {
      await using pair = await open();
      const room = newRoom();
      const rebuildAndAsk = async (clock: Sequencer): Promise<number> => {
        await clock.rebuild(room, { seq: 500, version: 1, floor: 1, ceiling: 1500 });
        return seqOf(await clock.next(ask(room)));
      };
      const positions = await Promise.all([rebuildAndAsk(pair.a.sequencer), rebuildAndAsk(pair.b.sequencer)]);
      expect(positions.toSorted((x, y) => x - y)).toEqual([501, 502]);
    });

    test('positions and versions up to 2^53 - 1 stay exact', async () => {
      await using pair = await open();
      const room = newRoom();
      const top = Number.MAX_SAFE_INTEGER;
      await pair.a.sequencer.rebuild(room, { seq: top - 2, version: top - 1, floor: 1, ceiling: top });
      expect(seqOf(await pair.b.sequencer.next(ask(room)))).toBe(top - 1);
      await expect(pair.a.sequencer.read([room])).resolves.toEqual([
        { seq: top - 1, version: top - 1, floor: 1, ceiling: top, epoch: 0, gone: false },
      ]);
    });

    test('a remembered key gets its first answer again, on any node and under any version', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      const headerHash = Uint8Array.from({ length: 32 }, (_, index) => index * 8);
      const remember = { key: newMessageId(), headerHash };
      const first = await pair.a.sequencer.next(ask(room, { remember }));
      if (first.kind !== 'position') throw new Error(`unexpected ${first.kind}`);
      await pair.a.sequencer.raise(room, { version: 9, floor: 9 });
      const other = { key: remember.key, headerHash: new Uint8Array(32) };
      const again = await pair.b.sequencer.next(ask(room, { version: 1, remember: other }));
      expect(again).toMatchObject({ kind: 'repeat', seq: first.seq, at: first.at });
      expect(again.kind === 'repeat' && Buffer.from(again.headerHash).equals(headerHash)).toBe(true);
      const fresh = { key: newMessageId(), headerHash };
      expect(seqOf(await pair.a.sequencer.next(ask(room, { version: 9, remember: fresh })))).toBe(
        first.seq + 1,
      );
    });

    test('a key belongs to its room, and a refused step is not remembered', async () => {
      await using pair = await open();
      const [one, other] = [await newClock(pair.a.sequencer), await newClock(pair.a.sequencer, 0)];
      const remember = { key: newMessageId(), headerHash: new Uint8Array(32) };
      expect(seqOf(await pair.a.sequencer.next(ask(one, { remember })))).toBe(1);
      await expect(pair.a.sequencer.next(ask(other, { remember }))).resolves.toMatchObject({
        kind: 'ceiling',
      });
      await pair.a.sequencer.raise(other, { ceiling: 1000 });
      expect(seqOf(await pair.a.sequencer.next(ask(other, { remember })))).toBe(1);
    });

    test('a removed room is gone on every node, and nothing brings it back', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      await pair.a.sequencer.remove(room);
      await expect(pair.b.sequencer.next(ask(room))).resolves.toEqual({ kind: 'gone' });
      await pair.b.sequencer.raise(room, { ceiling: 5000 });
      await pair.b.sequencer.rebuild(room, { seq: 0, version: 1, floor: 1, ceiling: 1000 });
      await expect(pair.b.sequencer.next(ask(room))).resolves.toEqual({ kind: 'gone' });
      const [state] = await pair.a.sequencer.read([room]);
      expect(state?.gone).toBe(true);
    });

    test('a room that had no clock can be removed too', async () => {
      await using pair = await open();
      const room = newRoom();
      await pair.a.sequencer.remove(room);
      await expect(pair.b.sequencer.next(ask(room))).resolves.toEqual({ kind: 'gone' });
    });

    test('many clocks are read in the order asked', async () => {
      await using pair = await open();
      const rooms = await Promise.all(Array.from({ length: 100 }, () => newClock(pair.a.sequencer)));
      await Promise.all(rooms.map((room, index) => pair.a.sequencer.raise(room, { seq: index })));
      const states = await pair.b.sequencer.read([newRoom(), ...rooms]);
      expect(states.map((state) => state?.seq)).toEqual([undefined, ...rooms.map((_, index) => index)]);
      await expect(pair.b.sequencer.read([])).resolves.toEqual([]);
    });

    test('a closed backend throws Unavailable', async () => {
      await using pair = await open();
      const room = await newClock(pair.a.sequencer);
      await pair.a.close();
      await expect(pair.a.sequencer.next(ask(room))).rejects.toThrow(Unavailable);
      await expect(pair.a.sequencer.read([room])).rejects.toThrow(Unavailable);
    });
  });
}
