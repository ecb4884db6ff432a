import { describe, expect, it } from 'vitest';
import type { MessageStore } from '../../src/ports/message-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { runSeed } from '../support/chance.ts';
import { crowdContract } from './message-store-crowd-contract.ts';
import { settlingRacesContract } from './message-store-races-contract.ts';
import { settlingContract } from './message-store-settling-contract.ts';
import {
  anyMessage,
  anyMessageId,
  anyRoomId,
  anyUserId,
  byteArraysIn,
  type OpenStores,
} from './support-store.ts';
import { duplicateOf, everything, one, ownRow, soon, storeNumbered } from './support-store-messages.ts';
import { withStores } from './support-store-pair.ts';

/** `npm run test:long` plays 10,000. */
export const MESSAGE_STORE_RACES = 1_000;

export interface MessageStoreForm {
  readonly races?: number;
  /** As the port says; the first form of a store had a row for each position of a span. */
  readonly spansAreRows?: boolean;
}

/** What every message store promises: src/ports/message-store.ts. */
export function messageStoreContract(
  name: string,
  open: OpenStores,
  { races = MESSAGE_STORE_RACES, spansAreRows = true }: MessageStoreForm = {},
): void {
  settlingContract(name, open, spansAreRows);
  crowdContract(name, open);
  settlingRacesContract(name, open, { count: races, seed: runSeed() });
  describe(`message store of ${name}`, () => {
    let a: MessageStore;
    let b: MessageStore;
    withStores(open, (stores) => {
      a = stores.a.messages;
      b = stores.b.messages;
    });
    const all = (room: RoomId, reader: UserId) => b.page(room, reader, everything);

    describe('append', () => {
      it('stores a message with one copy for each recipient', async () => {
        const [alice, bob, carol] = [anyUserId(), anyUserId(), anyUserId()];
        const message = anyMessage({ to: [alice, bob, carol] });
        expect(await a.append([message])).toEqual([{ kind: 'stored' }]);
        for (const reader of [alice, bob, carol]) {
          expect(await all(message.room, reader)).toEqual([ownRow(message, reader)]);
        }
        expect(await all(message.room, anyUserId())).toEqual([{ seq: 1, kind: 'nothing' }]);
      });

      it('stores a message that has copies for nobody', async () => {
        const message = anyMessage({ to: [] });
        expect(await a.append([message])).toEqual([{ kind: 'stored' }]);
        expect(await b.find(message.room, message.sender, message.messageId)).toEqual(message);
        expect(await all(message.room, message.sender)).toEqual([{ seq: 1, kind: 'nothing' }]);
      });

      it('answers a message id that is stored already with what is stored', async () => {
        const reader = anyUserId();
        const message = anyMessage({ to: [reader] });
        await a.append([message]);
        const again = anyMessage({ ...message, seq: 2, at: message.at + 5, to: [reader] });
        expect(await b.append([again])).toEqual([duplicateOf(message)]);
        expect(await b.append([message])).toEqual([duplicateOf(message)]);
        expect(await all(message.room, reader)).toEqual([ownRow(message, reader)]);
      });

      it('answers a duplicate, not a taken position, when it is both', async () => {
        const [first, second] = [anyMessage(), anyMessage()];
        const other = { ...second, room: first.room, seq: 2 };
        await a.append([first, other]);
        expect(await b.append([{ ...first, seq: 2 }])).toEqual([duplicateOf(first)]);
      });

      it('takes the same message id from another sender, or in another room, as another message', async () => {
        const message = anyMessage();
        const fromOther = anyMessage({ ...message, seq: 2, sender: anyUserId(), to: [] });
        const elsewhere = anyMessage({ ...message, room: anyRoomId(), to: [] });
        expect(await a.append([message, fromOther, elsewhere])).toEqual([
          { kind: 'stored' },
          { kind: 'stored' },
          { kind: 'stored' },
        ]);
      });

      it('leaves a position to the message that holds it', async () => {
        const reader = anyUserId();
        const holder = anyMessage({ to: [reader] });
        await a.append([holder]);
        expect(await b.append([anyMessage({ room: holder.room, to: [reader] })])).toEqual([
          { kind: 'taken' },
        ]);
        expect(await all(holder.room, reader)).toEqual([ownRow(holder, reader)]);
      });

      it('decides each message of a batch by itself, also against others of the batch', async () => {
        const room = anyRoomId();
        const reader = anyUserId();
        const before = anyMessage({ room, seq: 1, to: [reader] });
        await a.append([before]);
        const one = anyMessage({ room, seq: 2, to: [reader] });
        const oneAgain = { ...one, seq: 3 };
        const rival = anyMessage({ room, seq: 2, to: [reader] });
        const taken = anyMessage({ room, seq: 1, to: [reader] });
        const last = anyMessage({ room, seq: 4, to: [reader] });
        const elsewhere = anyMessage({ to: [reader] });
        const batch = [one, oneAgain, rival, taken, { ...before, seq: 9 }, last, elsewhere];
        expect(await b.append(batch)).toEqual([
          { kind: 'stored' },
          duplicateOf(one),
          { kind: 'taken' },
          { kind: 'taken' },
          duplicateOf(before),
          { kind: 'stored' },
          { kind: 'stored' },
        ]);
        expect(await all(room, reader)).toEqual([before, one, last].map((each) => ownRow(each, reader)));
      });

      it('stores one of the same message sent to several nodes at once', async () => {
        const reader = anyUserId();
        const message = anyMessage({ to: [reader] });
        const tries = Array.from({ length: 8 }, (_, index) => ({ ...message, seq: index + 1 }));
        const outcomes = await Promise.all(
          tries.map(async (each, index) => (await (index % 2 === 0 ? a : b).append([each]))[0]),
        );
        const winner = tries[outcomes.findIndex((outcome) => outcome?.kind === 'stored')];
        if (winner === undefined) throw new Error('none was stored');
        for (const [index, outcome] of outcomes.entries()) {
          expect(outcome).toEqual(tries[index] === winner ? { kind: 'stored' } : duplicateOf(winner));
        }
        expect(await all(message.room, reader)).toEqual([ownRow(winner, reader)]);
      });

      it('of nothing is nothing', async () => {
        expect(await a.append([])).toEqual([]);
      });

      it('shares no bytes with its callers', async () => {
        const reader = anyUserId();
        const message = anyMessage({ to: [reader] });
        const kept = structuredClone(message);
        await a.append([message]);
        for (const array of byteArraysIn(message)) array.fill(0);
        for (let round = 0; round < 2; round += 1) {
          const found = await a.find(message.room, message.sender, message.messageId);
          const rows = await a.page(message.room, reader, everything);
          expect(found).toEqual(kept);
          expect(rows).toEqual([ownRow(kept, reader)]);
          for (const array of [...byteArraysIn(found), ...byteArraysIn(rows)]) {
            expect(Object.getPrototypeOf(array)).toBe(Uint8Array.prototype);
            expect(array.buffer.byteLength).toBe(array.length);
            array.fill(0);
          }
        }
      });
    });

    describe('find', () => {
      it('answers the whole message with the copies of all', async () => {
        const message = anyMessage({ to: [anyUserId(), anyUserId(), anyUserId()] });
        await a.append([message]);
        expect(await b.find(message.room, message.sender, message.messageId)).toEqual(message);
      });

      it('knows nothing of other senders, rooms and ids', async () => {
        const message = anyMessage();
        await a.append([message]);
        expect(await a.find(anyRoomId(), message.sender, message.messageId)).toBeUndefined();
        expect(await a.find(message.room, anyUserId(), message.messageId)).toBeUndefined();
        expect(await a.find(message.room, message.sender, anyMessageId())).toBeUndefined();
      });
    });

    describe('page', () => {
      it('keeps to its bounds, its order and its limit', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        // Around the byte boundaries of a position, where a key that sorts wrongly would show.
        const positions = [1, 2, 255, 256, 257, 65_535, 65_536, 2 ** 32, 2 ** 40 + 1];
        await storeNumbered(a, room, reader, positions);
        await storeNumbered(a, anyRoomId(), reader, [1, 2, 3]);
        const seqs = async (bounds: Parameters<MessageStore['page']>[2]) =>
          (await b.page(room, reader, bounds)).map((row) => row.seq);
        expect(await seqs(everything)).toEqual(positions);
        expect(await seqs({ ...everything, order: 'descending' })).toEqual([...positions].reverse());
        const middle = { after: 2, through: 65_536 };
        expect(await seqs({ ...middle, order: 'ascending', limit: 10 })).toEqual([
          255, 256, 257, 65_535, 65_536,
        ]);
        expect(await seqs({ ...middle, order: 'ascending', limit: 2 })).toEqual([255, 256]);
        expect(await seqs({ ...middle, order: 'descending', limit: 2 })).toEqual([65_536, 65_535]);
        expect(await seqs({ after: 3, through: 254, order: 'ascending', limit: 10 })).toEqual([]);
        expect(await seqs({ after: 9, through: 9, order: 'ascending', limit: 10 })).toEqual([]);
      });

      it('shows a reader its own copies and that there is nothing at the others’ positions', async () => {
        const [room, alice, bob] = [anyRoomId(), anyUserId(), anyUserId()];
        const forBoth = anyMessage({ room, seq: 1, to: [alice, bob] });
        const forBob = anyMessage({ room, seq: 2, to: [bob] });
        await a.append([forBoth, forBob]);
        await a.settle(room, [one(3)], soon());
        expect(await all(room, alice)).toEqual([
          ownRow(forBoth, alice),
          { seq: 2, kind: 'nothing' },
          { seq: 3, kind: 'nothing' },
        ]);
        expect(await all(room, bob)).toEqual([
          ownRow(forBoth, bob),
          ownRow(forBob, bob),
          { seq: 3, kind: 'nothing' },
        ]);
      });

      it('shows no copy that has expired, whether or not its space is reclaimed', async () => {
        const [room, reader] = [anyRoomId(), anyUserId()];
        const expired = anyMessage({ room, seq: 1, to: [reader], expiresAt: Date.now() - 1 });
        const living = anyMessage({ room, seq: 2, to: [reader] });
        await a.append([expired, living]);
        const rows = (await all(room, reader)).filter((row) => row.kind === 'own');
        expect(rows).toEqual([ownRow(living, reader)]);
        expect(await b.find(room, expired.sender, expired.messageId)).toBeUndefined();
      });
    });

    it('is unavailable after it was closed', async () => {
      await using closed = await open();
      const { messages } = closed.a;
      await closed.a.close();
      const message = anyMessage();
      const calls = [
        messages.append([message]),
        messages.find(message.room, message.sender, message.messageId),
        messages.page(message.room, message.sender, everything),
        messages.settle(message.room, [one(1)], soon()),
        messages.reexpire(message.room, { lifeMs: 1, goneThrough: 0 }, 0),
        messages.purge(message.room),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) });
      }
    });
  });
}
