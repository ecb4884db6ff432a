import { describe, expect, it } from 'vitest';
import { applyChange, type RosterMember } from '../../src/domain/roster.ts';
import type { RoomStore, RosterUpdate } from '../../src/ports/room-store.ts';
import { anyMember, anyRecord, anyRoomId, ascending, type OpenStores } from './support-store.ts';
import { withStores } from './support-store-pair.ts';
import { at, joins, joinWithRetries, leaves, sets } from './support-store-roster.ts';

export function roomChangesContract(name: string, open: OpenStores): void {
  describe(`roster changes in the room store of ${name}`, () => {
    let a: RoomStore;
    let b: RoomStore;
    withStores(open, (stores) => {
      a = stores.a.rooms;
      b = stores.b.rooms;
    });

    it('lead without a hole from any version to the present one', async () => {
      const member = anyMember({ since: 2 });
      const promoted: RosterMember = { ...member, role: 'moderator' };
      const record = anyRecord();
      await a.create(record);
      const { name: roomName, hidden, password } = record;
      const updates: readonly RosterUpdate[] = [
        joins(2, member),
        {
          change: { version: 3, kind: 'role', before: member, after: promoted, at: at() },
          raisesFloor: false,
        },
        sets(4, { name: roomName, hidden, password, retention: 7 }),
        leaves(5, promoted),
      ];
      for (const [index, update] of updates.entries()) {
        await (index % 2 === 0 ? a : b).update(record.room, update);
      }
      const all = updates.map((update) => update.change);
      for (let since = 1; since <= 5; since += 1) {
        expect(await b.changes(record.room, since, 1_000)).toEqual(all.slice(since - 1));
      }
      expect(await b.changes(record.room, 9, 1_000)).toEqual([]);
    });

    it('come in pages of as many as are asked for, up to the present version', async () => {
      const record = anyRecord();
      await a.create(record);
      const member = anyMember();
      for (let version = 2; version <= 9; version += 2) {
        await a.update(record.room, joins(version, { ...member, since: version }));
        await b.update(record.room, leaves(version + 1, { ...member, since: version }));
      }
      const versions = async (since: number, limit: number) =>
        (await b.changes(record.room, since, limit))?.map(({ version }) => version);
      expect(await versions(1, 3)).toEqual([2, 3, 4]);
      expect(await versions(4, 3)).toEqual([5, 6, 7]);
      expect(await versions(6, 3)).toEqual([7, 8, 9]);
      expect(await versions(7, 3)).toEqual([8, 9]);
      expect(await versions(8, 1)).toEqual([9]);
      expect(await versions(9, 3)).toEqual([]);
      expect(await versions(1, 0)).toEqual([]);
      expect(await versions(0, 3)).toBeUndefined();
    });

    it('from before the record began, or of an unknown room, are not there', async () => {
      const record = anyRecord({ version: 5, floor: 5 });
      await a.create(record);
      expect(await a.changes(record.room, 5, 1_000)).toEqual([]);
      expect(await a.changes(record.room, 4, 1_000)).toBeUndefined();
      expect(await a.changes(anyRoomId(), 1, 1_000)).toBeUndefined();
    });

    it('are kept up to a number, the latest ones, so that a room that lives for years keeps no more', async () => {
      const changesKeptMax = 20;
      await using bounded = await open({ changesKeptMax });
      const [first, second] = [bounded.a.rooms, bounded.b.rooms];
      const [record, other] = [anyRecord(), anyRecord()];
      for (const each of [record, other]) await first.create(each);
      const last = 70;
      for (let version = 2; version <= last; version += 1) {
        const store = version % 2 === 0 ? first : second;
        await store.update(record.room, joins(version, anyMember()));
      }
      await first.update(other.room, joins(2, anyMember()));
      const versions = async (since: number) =>
        (await second.changes(record.room, since, 1_000))?.map(({ version }) => version);
      expect(await versions(last - changesKeptMax)).toEqual(
        Array.from({ length: changesKeptMax }, (_, index) => last - changesKeptMax + 1 + index),
      );
      for (const since of [1, 2, changesKeptMax / 2]) expect(await versions(since)).toBeUndefined();
      expect(await second.changes(other.room, 1, 1_000)).toHaveLength(1);
      const present = await second.byId(record.room);
      expect([present?.version, present?.members.length]).toEqual([last, last]);
    });

    it('made by many nodes at once all stay', async () => {
      const record = anyRecord();
      await a.create(record);
      const members = Array.from({ length: 12 }, () => anyMember());
      await Promise.all(
        members.map((member, index) => joinWithRetries(index % 2 === 0 ? a : b, record.room, member)),
      );
      const final = await b.byId(record.room);
      expect(final?.version).toBe(13);
      expect(final?.members).toEqual(ascending([...record.members, ...members]));
      const changes = (await a.changes(record.room, 1, 1_000)) ?? [];
      expect(changes.map((change) => change.version)).toEqual(
        Array.from({ length: 12 }, (_, index) => index + 2),
      );
      expect(changes.reduce(applyChange, record.members)).toEqual(final?.members);
    });
  });
}
