import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageStore } from '../../src/ports/message-store.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { anyMessage, anyRoomId, anyUserId, type OpenStores, type StorePair } from './support-store.ts';
import { duplicateOf, everything, ownRow, soon, storeNumbered } from './support-store-messages.ts';

export function settlingContract(name: string, open: OpenStores): void {
  describe(`settling and purging in the message store of ${name}`, () => {
    let stores: StorePair;
    let a: MessageStore;
    let b: MessageStore;
    beforeAll(async () => {
      stores = await open();
      a = stores.a.messages;
      b = stores.b.messages;
    });
    afterAll(async () => {
      await stores[Symbol.asyncDispose]();
    });
    const all = (room: RoomId, reader: UserId) => b.page(room, reader, everything);

    describe('settle', () => {
      it('leaves messages alone and makes later appends find their position taken', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        const [message] = await storeNumbered(a, room, reader, [2]);
        await b.settle(room, [1, 2, 3], soon());
        await b.settle(room, [1, 2, 3], soon());
        const late = anyMessage({ room, seq: 3, to: [reader] });
        expect(await a.append([late])).toEqual([{ kind: 'taken' }]);
        expect(await all(room, reader)).toEqual([
          { seq: 1, kind: 'nothing' },
          ...(message === undefined ? [] : [ownRow(message, reader)]),
          { seq: 3, kind: 'nothing' },
        ]);
        expect(await a.append([{ ...late, seq: 4 }])).toEqual([{ kind: 'stored' }]);
      });

      it('against an append at the same time: either the message or the void is there for good', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        const messages = Array.from({ length: 20 }, (_, index) =>
          anyMessage({ room, seq: index + 1, to: [reader] }),
        );
        const positions = messages.map((message) => message.seq);
        const appends = messages.map(async (message) => (await a.append([message]))[0]);
        const settles = positions.map((seq) => b.settle(room, [seq], soon()));
        const outcomes = await Promise.all(appends);
        await Promise.all(settles);
        const rows = await all(room, reader);
        expect(rows.map((row) => row.seq)).toEqual(positions);
        for (const [index, row] of rows.entries()) {
          expect(outcomes[index]).toEqual({ kind: row.kind === 'own' ? 'stored' : 'taken' });
        }
      });

      it('of nothing is nothing', async () => {
        await expect(a.settle(anyRoomId(), [], soon())).resolves.toBeUndefined();
      });
    });

    describe('purge', () => {
      it('removes all of a room and nothing of others', async () => {
        const [room, other, reader] = [anyRoomId(), anyRoomId(), anyUserId()];
        const gone = await storeNumbered(a, room, reader, [1, 2, 3, 2 ** 33]);
        const [kept] = await storeNumbered(a, other, reader, [1]);
        await a.settle(room, [4], soon());
        await b.purge(room);
        expect(await a.page(room, reader, everything)).toEqual([]);
        for (const message of gone) {
          expect(await a.find(room, message.sender, message.messageId)).toBeUndefined();
        }
        expect(await all(other, reader)).toEqual(kept === undefined ? [] : [ownRow(kept, reader)]);
      });

      it('works for more than one batch of messages', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        const positions = Array.from({ length: 700 }, (_, index) => index + 1);
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
        await a.settle(room, [600], soon());
        const steps = await reexpireAll(room, hourMs);
        expect(steps.length).toBeGreaterThan(1);
        expect(steps.at(-1)).toBe(600);
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
