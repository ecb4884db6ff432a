import { describe, expect, it } from 'vitest';
import type { MessageStore, PositionRow } from '../../src/ports/message-store.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { anyMessage, anyRoomId, anyUserId, type OpenStores } from './support-store.ts';
import { duplicateOf, everything, one, ownRow, soon, storeNumbered } from './support-store-messages.ts';
import { withStores } from './support-store-pair.ts';

export function settlingContract(name: string, open: OpenStores, spansAreRows: boolean): void {
  describe(`settling and purging in the message store of ${name}`, () => {
    let a: MessageStore;
    let b: MessageStore;
    withStores(open, (stores) => {
      a = stores.a.messages;
      b = stores.b.messages;
    });
    const all = (room: RoomId, reader: UserId) => b.page(room, reader, everything);

    describe('settle', () => {
      it('leaves messages alone and makes later appends find their position taken', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        const [message] = await storeNumbered(a, room, reader, [2]);
        expect(await b.settle(room, [{ from: 1, through: 3 }], soon())).toBe(false);
        expect(await b.settle(room, [{ from: 1, through: 3 }], soon())).toBe(false);
        expect(await b.settle(anyRoomId(), [{ from: 5, through: 9 }, one(11)], soon())).toBe(true);
        const late = anyMessage({ room, seq: 3, to: [reader] });
        expect(await a.append([late])).toEqual([{ kind: 'taken' }]);
        expect(await all(room, reader)).toEqual([
          { seq: 1, kind: 'nothing' },
          ...(message === undefined ? [] : [ownRow(message, reader)]),
          { seq: 3, kind: 'nothing' },
        ]);
        expect(await a.append([{ ...late, seq: 4 }])).toEqual([{ kind: 'stored' }]);
      });

      it('is cut by every message in it, and joins nothing that is settled twice', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        await storeNumbered(a, room, reader, [20, 21, 40]);
        await a.settle(room, [{ from: 30, through: 50 }], soon());
        await b.settle(room, [{ from: 10, through: 35 }, one(60), { from: 45, through: 59 }], soon());
        const rows = await all(room, reader);
        const covered = rows.flatMap((row) =>
          Array.from({ length: row.seq - firstOf(row) + 1 }, (_, index) => firstOf(row) + index),
        );
        expect(covered).toEqual(Array.from({ length: 51 }, (_, index) => 10 + index));
        expect(rows.filter(({ kind }) => kind === 'own').map(({ seq }) => seq)).toEqual([20, 21, 40]);
        for (const seq of [10, 19, 22, 29, 30, 35, 41, 50, 59, 60])
          expect(await a.append([anyMessage({ room, seq })])).toEqual([{ kind: 'taken' }]);
      });

      it('against an append at the same time: either the message or the void is there for good', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        const messages = Array.from({ length: 20 }, (_, index) =>
          anyMessage({ room, seq: index + 1, to: [reader] }),
        );
        const positions = messages.map((message) => message.seq);
        const appends = messages.map(async (message) => (await a.append([message]))[0]);
        const settles = positions.map((seq) => b.settle(room, [one(seq)], soon()));
        const outcomes = await Promise.all(appends);
        await Promise.all(settles);
        const rows = await all(room, reader);
        expect(rows.map((row) => row.seq)).toEqual(positions);
        for (const [index, row] of rows.entries()) {
          expect(outcomes[index]).toEqual({ kind: row.kind === 'own' ? 'stored' : 'taken' });
        }
      });

      it('of nothing is nothing', async () => {
        await expect(a.settle(anyRoomId(), [], soon())).resolves.toBe(true);
      });
    });

    if (spansAreRows)
      describe('a span', () => {
        it('makes one row of a span, however long, and takes every position in it', async () => {
          const [room, reader] = [anyRoomId(), anyUserId()];
          const [first, last] = await storeNumbered(a, room, reader, [5, 2_000]);
          if (first === undefined || last === undefined) throw new Error('both were stored');
          await b.settle(room, [{ from: 6, through: 1_003 }], soon());
          const rows = [
            ownRow(first, reader),
            { seq: 1_003, kind: 'nothing', from: 6 },
            ownRow(last, reader),
          ];
          expect(await all(room, reader)).toEqual(rows);
          expect(await b.page(room, reader, { ...everything, order: 'descending' })).toEqual(rows.reverse());
          for (const seq of [6, 7, 500, 1_002, 1_003])
            expect(await a.append([anyMessage({ room, seq })])).toEqual([{ kind: 'taken' }]);
          expect(await a.append([anyMessage({ room, seq: 1_004 })])).toEqual([{ kind: 'stored' }]);
        });

        it('shows of a span what lies within the bounds of a page', async () => {
          const [room, reader] = [anyRoomId(), anyUserId()];
          const [message] = await storeNumbered(a, room, reader, [300]);
          if (message === undefined) throw new Error('it was stored');
          await a.settle(room, [{ from: 100, through: 299 }], soon());
          const page = (after: number, through: number, order: 'ascending' | 'descending', limit = 10) =>
            b.page(room, reader, { after, through, order, limit });
          for (const order of ['ascending', 'descending'] as const) {
            expect(await page(149, 200, order)).toEqual([{ seq: 200, kind: 'nothing', from: 150 }]);
            expect(await page(149, 150, order)).toEqual([{ seq: 150, kind: 'nothing' }]);
            expect(await page(0, 99, order)).toEqual([]);
            expect(await page(0, 100, order)).toEqual([{ seq: 100, kind: 'nothing' }]);
            expect(await page(301, 400, order)).toEqual([]);
          }
          const span = { seq: 299, kind: 'nothing', from: 200 };
          expect(await page(199, 300, 'ascending', 1)).toEqual([span]);
          expect(await page(199, 300, 'descending', 1)).toEqual([ownRow(message, reader)]);
          expect(await page(199, 300, 'descending', 2)).toEqual([ownRow(message, reader), span]);
          expect(await page(199, 250, 'descending', 1)).toEqual([{ seq: 250, kind: 'nothing', from: 200 }]);
        });
      });

    describe('purge', () => {
      it('removes all of a room and nothing of others', async () => {
        const [room, other, reader] = [anyRoomId(), anyRoomId(), anyUserId()];
        const gone = await storeNumbered(a, room, reader, [1, 2, 3, 2 ** 33]);
        const [kept] = await storeNumbered(a, other, reader, [1]);
        await a.settle(room, [{ from: 4, through: spansAreRows ? 3_000 : 300 }], soon());
        await b.purge(room);
        expect(await a.page(room, reader, everything)).toEqual([]);
        for (const message of gone) {
          expect(await a.find(room, message.sender, message.messageId)).toBeUndefined();
        }
        expect(await all(other, reader)).toEqual(kept === undefined ? [] : [ownRow(kept, reader)]);
        // Nothing of the span is left that an append would meet.
        expect(await a.append([anyMessage({ room, seq: 290 })])).toEqual([{ kind: 'stored' }]);
      });

      it('works for more than one batch of messages', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        const positions = Array.from({ length: 700 }, (_, index) => one(2 * index + 1));
        await a.settle(room, positions, soon());
        await b.purge(room);
        expect(await a.page(room, reader, everything)).toEqual([]);
      });
    });

    describe('another life for what is stored', () => {
      const hourMs = 60 * 60 * 1000;

      async function reexpireAll(room: RoomId, lifeMs: number, goneThrough = 0): Promise<readonly number[]> {
        const steps: number[] = [];
        for (let after = 0; ; after = steps.at(-1) ?? after) {
          const last = await a.reexpire(room, { lifeMs, goneThrough }, after);
          if (last === undefined) return steps;
          steps.push(last);
        }
      }

      it('counts from when each message was accepted, in batches, and leaves other rooms alone', async () => {
        const [room, other, reader] = [anyRoomId(), anyRoomId(), anyUserId()];
        const now = Date.now();
        const young = Array.from({ length: 230 }, (_, index) =>
          anyMessage({ room, seq: index + 1, at: now, to: [reader] }),
        );
        const old = anyMessage({ room, seq: 500, at: now - 2 * hourMs, to: [reader] });
        const elsewhere = anyMessage({ room: other, at: now - 2 * hourMs, to: [reader] });
        await a.append([...young, old, elsewhere]);
        await a.settle(room, [one(600)], soon());
        const steps = await reexpireAll(room, hourMs);
        expect(steps.length).toBeGreaterThan(1);
        expect(steps.at(-1)).toBeGreaterThanOrEqual(old.seq);
        expect(await b.find(room, old.sender, old.messageId)).toBeUndefined();
        const rows = await b.page(room, reader, everything);
        expect(rows.filter((row) => row.kind === 'own')).toHaveLength(young.length);
        const [first] = young;
        const found = first && (await b.find(room, first.sender, first.messageId));
        expect(found).toEqual({ ...first, expiresAt: now + hourMs });
        expect(await b.find(other, elsewhere.sender, elsewhere.messageId)).toEqual(elsewhere);
      });

      it('may be longer, and the position stays taken', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        const message = anyMessage({ room, to: [reader] });
        await a.append([message]);
        await reexpireAll(room, 48 * hourMs);
        const expected = { ...message, expiresAt: message.at + 48 * hourMs };
        expect(await b.find(room, message.sender, message.messageId)).toEqual(expected);
        expect(await b.append([anyMessage({ room, to: [reader] })])).toEqual([{ kind: 'taken' }]);
        expect(await b.append([{ ...message, seq: 9 }])).toEqual([duplicateOf(message)]);
      });

      it('leaves over what was over under an earlier one', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        const now = Date.now();
        const old = anyMessage({ room, seq: 1, at: now - hourMs, to: [reader] });
        const young = anyMessage({ room, seq: 2, at: now - hourMs + 1, to: [reader] });
        await a.append([old, young]);
        await reexpireAll(room, 48 * hourMs, now - hourMs);
        const rows = await b.page(room, reader, everything);
        expect(rows.filter(({ kind }) => kind === 'own').map(({ seq }) => seq)).toEqual([2]);
      });

      it('of nothing ends what is stored, for every reader at once', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        await a.append([anyMessage({ room, at: Date.now() - 1, to: [reader] })]);
        await reexpireAll(room, 0);
        expect((await b.page(room, reader, everything)).filter(({ kind }) => kind === 'own')).toEqual([]);
        expect(await a.reexpire(anyRoomId(), { lifeMs: hourMs, goneThrough: 0 }, 0)).toBeUndefined();
      });
    });
  });
}

function firstOf(row: PositionRow): number {
  return row.kind === 'nothing' ? (row.from ?? row.seq) : row.seq;
}
