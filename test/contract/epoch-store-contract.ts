import { describe, expect, it } from 'vitest';
import type { EpochCopy, NewEpoch } from '../../src/ports/epoch-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { sameBytes } from '../../src/protocol/bytes.ts';
import type { UserId } from '../../src/protocol/ids.ts';
import { anyRoomId, anyUserId, byteArraysIn, bytes, dayMs, type OpenStores } from './support-store.ts';

const all = { after: 0, fromVersion: 0, limit: 100 };

function anyCopy(index: number): EpochCopy {
  return { wrap: bytes(256), index, path: bytes(64) };
}

function anyEpoch(fields: Partial<NewEpoch> = {}): NewEpoch {
  const users = [anyUserId(), anyUserId(), anyUserId()].sort();
  return {
    room: anyRoomId(),
    number: 1,
    rosterVersion: 4,
    record: bytes(300),
    recordHash: bytes(32),
    committer: users[0] ?? anyUserId(),
    at: Date.now(),
    members: users.length,
    copies: new Map(users.map((user, index) => [user, anyCopy(index)])),
    ...fields,
  };
}

const rowOf = ({ room: _room, copies: _copies, ...row }: NewEpoch) => row;

/** What every store of epochs promises: src/ports/epoch-store.ts. */
export function epochStoreContract(name: string, open: OpenStores): void {
  describe(`epoch store of ${name}`, () => {
    it('gives each member its own wrap on another node, and nobody else any', async () => {
      await using stores = await open();
      const epoch = anyEpoch();
      expect(await stores.a.epochs.add(epoch)).toBe(true);
      for (const [user, own] of epoch.copies)
        expect(await stores.b.epochs.page(epoch.room, user, all)).toStrictEqual([{ ...rowOf(epoch), own }]);
      expect(await stores.b.epochs.page(epoch.room, anyUserId(), all)).toStrictEqual([rowOf(epoch)]);
      expect(await stores.b.epochs.page(anyRoomId(), epoch.committer, all)).toStrictEqual([]);
    });

    it('stores exactly one of many epochs of one number that are made at once on two nodes', async () => {
      await using stores = await open();
      for (let round = 0; round < 5; round += 1) {
        const { room } = anyEpoch();
        const rivals = Array.from({ length: 12 }, () => anyEpoch({ room }));
        const outcomes = await Promise.all(
          rivals.map((rival, index) => (index % 2 === 0 ? stores.a : stores.b).epochs.add(rival)),
        );
        expect(outcomes.filter(Boolean)).toHaveLength(1);
        const winner = rivals[outcomes.indexOf(true)];
        if (winner === undefined) expect.unreachable('one of them won');
        expect(await stores.b.epochs.newest(room)).toStrictEqual(rowOf(winner));
        const issued = { epoch: rowOf(winner), copies: winner.copies };
        expect(await stores.a.epochs.issued(room, 1, [...winner.copies.keys()])).toStrictEqual(issued);
      }
    });

    it('gives the wraps of those who are asked for and have one', async () => {
      await using stores = await open();
      const epoch = anyEpoch();
      await stores.a.epochs.add(epoch);
      const [first, second] = epoch.copies.keys();
      if (first === undefined || second === undefined) expect.unreachable('it has three');
      const found = await stores.b.epochs.issued(epoch.room, 1, [second, anyUserId(), first]);
      expect(found?.epoch).toStrictEqual(rowOf(epoch));
      const ofBoth = [first, second].map((user): [UserId, EpochCopy | undefined] => [
        user,
        epoch.copies.get(user),
      ]);
      expect(new Map([...(found?.copies ?? [])].sort())).toStrictEqual(new Map(ofBoth));
      expect(await stores.b.epochs.issued(epoch.room, 2, [first])).toBeUndefined();
      expect(await stores.b.epochs.issued(epoch.room, 1, [])).toStrictEqual({
        epoch: rowOf(epoch),
        copies: new Map(),
      });
    });

    it('knows the epoch with the highest number, and each by its number, with gaps among them', async () => {
      await using stores = await open();
      const room = anyRoomId();
      expect(await stores.a.epochs.newest(room)).toBeUndefined();
      const [ninth, third] = [anyEpoch({ room, number: 9 }), anyEpoch({ room, number: 3 })];
      await stores.a.epochs.add(ninth);
      await stores.b.epochs.add(third);
      expect(await stores.b.epochs.newest(room)).toStrictEqual(rowOf(ninth));
      expect(await stores.a.epochs.byNumber(room, 3)).toStrictEqual(rowOf(third));
      expect(await stores.a.epochs.byNumber(room, 4)).toBeUndefined();
    });

    it('pages in order of number, from where and from which roster version a reader may see them', async () => {
      await using stores = await open();
      const room = anyRoomId();
      for (let number = 1; number <= 7; number += 1)
        await stores.a.epochs.add(anyEpoch({ room, number, rosterVersion: number * 10 }));
      const numbers = async (bounds: Partial<typeof all>): Promise<number[]> => {
        const found = await stores.b.epochs.page(room, anyUserId(), { ...all, ...bounds });
        return found.map(({ number }) => number);
      };
      expect(await numbers({})).toStrictEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(await numbers({ after: 4 })).toStrictEqual([5, 6, 7]);
      expect(await numbers({ limit: 2 })).toStrictEqual([1, 2]);
      expect(await numbers({ fromVersion: 40, limit: 2 })).toStrictEqual([4, 5]);
      expect(await numbers({ after: 7 })).toStrictEqual([]);
      expect(await numbers({ limit: 0 })).toStrictEqual([]);
    });

    it('ends all but the last two, once, and from when they were first told to end', async () => {
      await using stores = await open();
      const room = anyRoomId();
      const now = Date.now();
      const living = async (): Promise<number[]> => {
        const found = await stores.b.epochs.page(room, anyUserId(), all);
        return found.map(({ number }) => number);
      };
      for (const number of [1, 2, 3, 4]) await stores.a.epochs.add(anyEpoch({ room, number }));
      await stores.a.epochs.retire(room, now - dayMs, 2 * dayMs);
      expect(await living()).toStrictEqual([1, 2, 3, 4]);
      await stores.a.epochs.add(anyEpoch({ room, number: 5 }));
      await stores.b.epochs.retire(room, now - dayMs, dayMs / 2);
      expect(await living()).toStrictEqual([1, 2, 4, 5]);
      expect(await stores.b.epochs.byNumber(room, 3)).toBeUndefined();
      await stores.b.epochs.retire(room, now, dayMs / 2, 'anew');
      expect(await living()).toStrictEqual([4, 5]);
      await stores.b.epochs.retire(room, now - 9 * dayMs, 0, 'anew');
      expect(await living()).toStrictEqual([4, 5]);
      expect((await stores.a.epochs.newest(room))?.number).toBe(5);
    });

    it('ends nothing of a room with fewer, and nothing of another room', async () => {
      await using stores = await open();
      const [room, other] = [anyRoomId(), anyRoomId()];
      for (const number of [1, 2]) await stores.a.epochs.add(anyEpoch({ room, number }));
      for (const number of [1, 2, 3]) await stores.a.epochs.add(anyEpoch({ room: other, number }));
      await stores.a.epochs.retire(room, 0, 0);
      await stores.a.epochs.retire(anyRoomId(), 0, 0);
      expect(await stores.b.epochs.page(room, anyUserId(), all)).toHaveLength(2);
      expect(await stores.b.epochs.page(other, anyUserId(), all)).toHaveLength(3);
    });

    it('purges a room with all of its wraps, and no other', async () => {
      await using stores = await open();
      const [room, other] = [anyRoomId(), anyRoomId()];
      const doomed = [1, 2, 3].map((number) => anyEpoch({ room, number }));
      for (const epoch of doomed) await stores.a.epochs.add(epoch);
      const kept = anyEpoch({ room: other });
      await stores.a.epochs.add(kept);
      await stores.a.epochs.retire(room, Date.now(), dayMs);
      await stores.b.epochs.purge(room);
      await stores.b.epochs.purge(room);
      expect(await stores.a.epochs.newest(room)).toBeUndefined();
      for (const { number, copies } of doomed)
        expect(await stores.a.epochs.issued(room, number, [...copies.keys()])).toBeUndefined();
      expect(await stores.a.epochs.newest(other)).toStrictEqual(rowOf(kept));
    });

    it('holds an epoch of 2,000 members, with wraps of the longest kind, as one', async () => {
      await using stores = await open();
      const users = Array.from({ length: 2_000 }, anyUserId).sort();
      const copyOf = (index: number): EpochCopy => ({ wrap: bytes(1_428), index, path: bytes(352) });
      const copies = new Map(users.map((user, index) => [user, copyOf(index)]));
      const epoch = anyEpoch({ copies, members: users.length });
      expect(await stores.a.epochs.add(epoch)).toBe(true);
      const found = (await stores.b.epochs.issued(epoch.room, 1, users))?.copies ?? new Map();
      // Byte by byte, the matchers would take longer over it than the store.
      const isSame = ([user, { wrap, index, path }]: readonly [UserId, EpochCopy]): boolean => {
        const copy = found.get(user);
        return copy?.index === index && sameBytes(copy.wrap, wrap) && sameBytes(copy.path, path);
      };
      expect(found.size).toBe(users.length);
      expect([...copies].every(isSame)).toBe(true);
      const some = users.slice(0, 300);
      const picked = await stores.b.epochs.issued(epoch.room, 1, [...some, anyUserId()]);
      expect([...(picked?.copies.keys() ?? [])].sort()).toEqual(some);
      const last = users.at(-1);
      if (last === undefined) expect.unreachable('there are 2,000');
      const [row] = await stores.b.epochs.page(epoch.room, last, all);
      expect(row?.own).toStrictEqual(copies.get(last));
    });

    it('gives bytes that are plain, and nobody else’s', async () => {
      await using stores = await open();
      const epoch = anyEpoch();
      await stores.a.epochs.add(epoch);
      const found = await stores.b.epochs.page(epoch.room, epoch.committer, all);
      const arrays = byteArraysIn(found);
      expect(arrays.length).toBeGreaterThan(3);
      for (const array of arrays) {
        expect(Object.getPrototypeOf(array)).toBe(Uint8Array.prototype);
        expect(array.buffer.byteLength).toBe(array.length);
      }
    });

    it('is unavailable after it was closed', async () => {
      await using stores = await open();
      const { epochs } = stores.a;
      await stores.a.close();
      const epoch = anyEpoch();
      await expect(epochs.add(epoch)).rejects.toThrow(Unavailable);
      await expect(epochs.newest(epoch.room)).rejects.toThrow(Unavailable);
      await expect(epochs.page(epoch.room, epoch.committer, all)).rejects.toThrow(Unavailable);
      await expect(epochs.retire(epoch.room, 0, 0)).rejects.toThrow(Unavailable);
      await expect(epochs.purge(epoch.room)).rejects.toThrow(Unavailable);
    });
  });
}
