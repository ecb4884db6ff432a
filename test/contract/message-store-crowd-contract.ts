import { describe, expect, it } from 'vitest';
import { type MessageStore, NOBODY } from '../../src/ports/message-store.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { anyMessage, anyRoomId, anyUserId, dayMs, given, type OpenStores } from './support-store.ts';
import { duplicateOf, everything, ownRow, soon } from './support-store-messages.ts';
import { withStores } from './support-store-pair.ts';

const hourMs = 60 * 60 * 1000;

/** A store may keep the copies of large rooms in another form: all that holds of messages holds of those. */
export function crowdContract(name: string, open: OpenStores): void {
  describe(`messages to many in the message store of ${name}`, () => {
    let a: MessageStore;
    let b: MessageStore;
    withStores(open, (stores) => {
      a = stores.a.messages;
      b = stores.b.messages;
    });
    const people = (count: number): readonly UserId[] => Array.from({ length: count }, anyUserId).sort();
    const all = (room: RoomId, reader: UserId) => b.page(room, reader, everything);

    it('are one copy for everybody in suite 2, read with the roster version of its epoch', async () => {
      const message = anyMessage({ to: [], epochVersion: 7 });
      expect(message.wraps.length).toBe(0);
      expect(await a.append([message])).toEqual([{ kind: 'stored' }]);
      expect(await b.append([message])).toEqual([duplicateOf(message)]);
      expect(await b.find(message.room, message.sender, message.messageId)).toEqual(message);
      const { seq, at, sender, header, ciphertext } = message;
      const own = {
        seq,
        kind: 'own',
        at,
        sender,
        header,
        ciphertext,
        wrap: new Uint8Array(0),
        epochVersion: 7,
      };
      for (const reader of people(3)) expect(await all(message.room, reader)).toEqual([own]);
      expect(await all(message.room, NOBODY)).toEqual([{ seq, kind: 'nothing' }]);
      const plain = anyMessage({ room: message.room, seq: 2, to: [sender] });
      await a.append([plain]);
      expect(await all(message.room, sender)).toEqual([own, ownRow(plain, sender)]);
      await a.reexpire(message.room, { lifeMs: 1, goneThrough: message.at }, 0);
      expect(await all(message.room, sender)).toMatchObject([{ kind: 'nothing' }, {}]);
    });

    it.each([2, 31, 32, 33, 59, 60, 61, 63, 64, 65, 96, 120, 121, 1_000])(
      'reach each of %i recipients with the copy that is theirs',
      async (count) => {
        const to = people(count);
        const message = anyMessage({ to });
        expect(await a.append([message])).toEqual([{ kind: 'stored' }]);
        expect(await b.find(message.room, message.sender, message.messageId)).toEqual(message);
        // Wherever a store may begin another row: after so many copies, or in the middle.
        const edges = [0, 30, 32, 60, 64, 96, 120, 128, 256, count >> 1, count].flatMap((at) => [at - 1, at]);
        const asked = [...new Set(edges)].flatMap((index) => to[index] ?? []);
        for (const reader of asked)
          expect(await all(message.room, reader)).toEqual([ownRow(message, reader)]);
      },
    );

    it('show others and nobody that there is nothing, wherever their ids would be', async () => {
      const [first, ...others] = people(200);
      const [room, last] = [anyRoomId(), given(others.pop())];
      const middle = given(others.splice(90, 1)[0]);
      await a.append([anyMessage({ room, to: others })]);
      for (const reader of [given(first), middle, last, NOBODY])
        expect(await all(room, reader)).toEqual([{ seq: 1, kind: 'nothing' }]);
    });

    it('share a page with messages to few, in either order, and a reader gets its own', async () => {
      const [room, to] = [anyRoomId(), people(150)];
      const [reader] = to;
      if (reader === undefined) throw new Error('somebody is there');
      const sizes = [150, 1, 150, 20, 100];
      const messages = sizes.map((size, index) =>
        anyMessage({ room, seq: index + 1, to: to.slice(0, size) }),
      );
      const foreign = anyMessage({ room, seq: 6, to: to.slice(1) });
      expect(await a.append([...messages, foreign])).toEqual(Array(6).fill({ kind: 'stored' }));
      const rows = [...messages.map((each) => ownRow(each, reader)), { seq: 6, kind: 'nothing' }];
      expect(await all(room, reader)).toEqual(rows);
      const descending = { ...everything, order: 'descending' } as const;
      expect(await b.page(room, reader, descending)).toEqual(rows.reverse());
    });

    it('keep what was stored first when they are refused', async () => {
      const [room, to] = [anyRoomId(), people(150)];
      const [reader, other] = [given(to[0]), given(to[149])];
      const first = anyMessage({ room, seq: 1, to });
      await a.append([first]);
      const rival = anyMessage({ room, seq: 1, to });
      const again = anyMessage({ ...first, to: to.slice(0, 100), seq: 2 });
      const next = anyMessage({ room, seq: 3, to });
      expect(await b.append([rival, again, next])).toEqual([
        { kind: 'taken' },
        duplicateOf(first),
        { kind: 'stored' },
      ]);
      expect(await b.append([{ ...first }])).toEqual([duplicateOf(first)]);
      for (const each of [reader, other])
        expect(await all(room, each)).toEqual([ownRow(first, each), ownRow(next, each)]);
      expect(await a.find(room, first.sender, first.messageId)).toEqual(first);
    });

    it('sent to several nodes at once are stored once, whole', async () => {
      const [to, room] = [people(150), anyRoomId()];
      const rivals = Array.from({ length: 6 }, () => anyMessage({ room, seq: 1, to }));
      const outcomes = await Promise.all(
        rivals.map(async (each, index) => (await (index % 2 === 0 ? a : b).append([each]))[0]),
      );
      expect(outcomes.filter((outcome) => outcome?.kind === 'stored')).toHaveLength(1);
      const winner = given(rivals[outcomes.findIndex((outcome) => outcome?.kind === 'stored')]);
      for (const reader of [given(to[0]), given(to[75]), given(to[149])])
        expect(await all(room, reader)).toEqual([ownRow(winner, reader)]);
    });

    it('live as long as their room says, also when that changes, and can be told from what expired', async () => {
      const [room, to] = [anyRoomId(), people(100)];
      const reader = given(to[60]);
      const now = Date.now();
      const [old, young] = [
        anyMessage({ room, seq: 1, at: now - 2 * hourMs, to }),
        anyMessage({ room, seq: 2, at: now, to }),
      ];
      const expired = anyMessage({ room, seq: 3, at: now - dayMs, expiresAt: now - 1, to });
      await a.append([old, young, expired]);
      const owned = async () => (await all(room, reader)).filter(({ kind }) => kind === 'own');
      expect(await owned()).toEqual([ownRow(old, reader), ownRow(young, reader)]);
      expect(await b.find(room, expired.sender, expired.messageId)).toBeUndefined();
      for (const [lifeMs, living] of [
        [72 * hourMs, [old, young]],
        [hourMs, [young]],
      ] as const) {
        for (let after: number | undefined = 0; after !== undefined; )
          after = await a.reexpire(room, { lifeMs, goneThrough: now - dayMs }, after);
        expect(await owned()).toEqual(living.map((each) => ownRow(each, reader)));
        for (const { at, ...each } of living)
          expect(await b.find(room, each.sender, each.messageId)).toEqual({
            at,
            ...each,
            expiresAt: at + lifeMs,
          });
      }
    });

    it('are purged with their room, and with no other', async () => {
      const [room, other, to] = [anyRoomId(), anyRoomId(), people(100)];
      const reader = given(to[99]);
      const gone = Array.from({ length: 80 }, (_, index) => anyMessage({ room, seq: 2 * index + 1, to }));
      const kept = anyMessage({ room: other, to });
      await a.append([...gone, kept]);
      await a.settle(room, [{ from: 200, through: 300 }], soon());
      await b.purge(room);
      expect(await all(room, reader)).toEqual([]);
      const again = anyMessage({ room, seq: 1, to });
      expect(await a.append([again])).toEqual([{ kind: 'stored' }]);
      expect(await all(room, reader)).toEqual([ownRow(again, reader)]);
      expect(await all(other, reader)).toEqual([ownRow(kept, reader)]);
    });
  });
}
