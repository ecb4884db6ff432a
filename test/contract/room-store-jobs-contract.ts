import { describe, expect, it } from 'vitest';
import type { RoomJob, RoomStore } from '../../src/ports/room-store.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { foldName } from '../../src/protocol/names.ts';
import {
  anyMember,
  anyRecord,
  anyRoomId,
  anyRoomName,
  type OpenStores,
  type StorePair,
} from './support-store.ts';
import { withStores } from './support-store-pair.ts';
import { joins, leaves, sets } from './support-store-roster.ts';

export const anyJob = (): RoomJob => ({ room: anyRoomId(), version: 1, kind: 'deleted', after: 0 });

export interface RoomJobsForm {
  /** Changes of a roster, more than the store removes in one step. */
  readonly manyChanges?: number;
}

/** What is left to do after a change is filed with it, and found until it is done. */
export function roomJobsContract(name: string, open: OpenStores, { manyChanges = 10 }: RoomJobsForm): void {
  describe(`jobs in the room store of ${name}`, () => {
    let stores: StorePair;
    let a: RoomStore;
    let b: RoomStore;
    withStores(open, (pair) => {
      stores = pair;
      a = stores.a.rooms;
      b = stores.b.rooms;
    });

    const jobOf = async (store: RoomStore, room: RoomId): Promise<RoomJob | undefined> =>
      (await store.jobs(undefined, 1000)).find((job) => job.room === room);

    it('another retention leaves one, any other change none', async () => {
      const record = anyRecord({ retention: 30 });
      await a.create(record);
      const { name: roomName, hidden, password, room } = record;
      await a.update(room, joins(2, anyMember({ since: 2 })));
      await a.update(room, sets(3, { name: anyRoomName(), hidden: true, password, retention: 30 }));
      expect(await jobOf(b, room)).toBeUndefined();
      await a.update(room, sets(4, { name: roomName, hidden, password, retention: 1 }));
      const job = { room, version: 4, kind: 'retention', after: 0 };
      expect(await jobOf(b, room)).toEqual(job);
      await a.update(room, joins(5, anyMember({ since: 5 })));
      expect(await jobOf(b, room)).toEqual(job);
    });

    it('a retention in hours is kept until days take its place, and either leaves a job', async () => {
      const record = anyRecord({ retention: 1, retentionHours: 12 });
      await a.create(record);
      const { name: roomName, hidden, password, room } = record;
      expect(await b.byId(room)).toMatchObject({ retention: 1, retentionHours: 12 });
      const settings = { name: roomName, hidden, password, retention: 1 };
      await a.update(room, sets(2, { ...settings, retentionHours: 12 }));
      expect(await jobOf(b, room)).toBeUndefined();
      await a.update(room, joins(3, anyMember({ since: 3 })));
      expect(await b.byId(room)).toMatchObject({ retention: 1, retentionHours: 12 });
      await a.update(room, sets(4, settings));
      expect(await jobOf(b, room)).toMatchObject({ version: 4, kind: 'retention' });
      const days = await b.byId(room);
      expect(days).toMatchObject({ retention: 1, version: 4 });
      expect(days).not.toHaveProperty('retentionHours');
      await a.update(room, sets(5, { ...settings, retentionHours: 23 }));
      expect(await jobOf(b, room)).toMatchObject({ version: 5, kind: 'retention' });
    });

    it('the life of its messages leaves none, and stays through settings that do not name it, as an earlier gateway writes them', async () => {
      const record = anyRecord({ retention: 1 });
      await a.create(record);
      const { name: roomName, hidden, password, room } = record;
      const settings = { name: roomName, hidden, password, retention: 1 };
      const life = new Uint8Array([1, 2, 3]);
      await a.update(room, sets(2, { ...settings, life }));
      expect(await jobOf(b, room)).toBeUndefined();
      await a.update(room, sets(3, { ...settings, hidden: !hidden }));
      await a.update(room, joins(4, anyMember({ since: 4 })));
      expect((await b.byId(room))?.life).toEqual(life);
      const next = new Uint8Array([4, 5]);
      await a.update(room, sets(5, { ...settings, life: next }));
      expect((await b.byId(room))?.life).toEqual(next);
    });

    it('a deletion leaves one, though nothing else finds the room', async () => {
      const member = anyMember({ role: 'owner' });
      const record = anyRecord({ members: [member] });
      await a.create(record);
      expect(await a.delete(record.room, 1)).toBe('deleted');
      expect(await jobOf(b, record.room)).toEqual({
        room: record.room,
        version: 1,
        kind: 'deleted',
        after: 0,
      });
      expect(await b.byId(record.room)).toBeUndefined();
      expect(await b.byName(record.folded)).toBeUndefined();
      expect(await b.changes(record.room, 0, 1_000)).toBeUndefined();
      expect(await b.summaries([record.room])).toEqual([]);
      expect(await b.countRoomsOf(member.user)).toBe(0);
      expect(await b.raiseCeiling(record.room, 0, 1000)).toBeUndefined();
      expect(await b.update(record.room, joins(2, anyMember()))).toBe('conflict');
      expect(await b.listed(record.folded, undefined, 1)).toEqual([]);
      expect(await b.delete(record.room, 1)).toBe('conflict');
    });

    it('a purge takes the changes of a deleted room along, however many they are', async () => {
      const record = anyRecord();
      const { room } = record;
      await a.create(record);
      const member = anyMember();
      const last = manyChanges + 1;
      for (let version = 2; version < last; version += 2) {
        await a.update(room, joins(version, { ...member, since: version }));
        await a.update(room, leaves(version + 1, { ...member, since: version }));
      }
      expect(await b.changes(room, 1, 1_000)).toHaveLength(last - 1);
      await a.delete(room, last);
      await stores.b.messages.purge(room);
      await a.jobEnded({ room, version: last, kind: 'deleted' });
      // Another room of the same id shows what is left of the one before.
      await a.create(anyRecord({ room, version: last, floor: last }));
      for (const since of [1, last - 2, last - 1]) expect(await b.changes(room, since, 1)).toBeUndefined();
    });

    it('goes on from where it was, and ends once', async () => {
      const record = anyRecord();
      await a.create(record);
      await a.delete(record.room, 1);
      const job = { room: record.room, version: 1, kind: 'deleted' } as const;
      expect(await a.jobDone({ ...job, after: 700 })).toBe(true);
      expect(await b.jobDone({ ...job, after: 600 })).toBe(true);
      expect(await jobOf(a, record.room)).toEqual({ ...job, after: 700 });
      await b.jobEnded(job);
      await a.jobEnded(job);
      expect(await a.jobDone({ ...job, after: 800 })).toBe(false);
      expect(await jobOf(b, record.room)).toBeUndefined();
      expect(await a.create(anyRecord({ name: record.name }))).toBe('created');
    });

    it('gives way to a later one, and is not ended in its place', async () => {
      const record = anyRecord({ retention: 30 });
      await a.create(record);
      const { name: roomName, hidden, password, room } = record;
      await a.update(room, sets(2, { name: roomName, hidden, password, retention: 1 }));
      await a.jobDone({ room, version: 2, kind: 'retention', after: 5 });
      await b.update(room, sets(3, { name: roomName, hidden, password, retention: 2 }));
      expect(await a.jobDone({ room, version: 2, kind: 'retention', after: 9 })).toBe(false);
      await a.jobEnded({ room, version: 2, kind: 'retention' });
      expect(await jobOf(b, room)).toEqual({ room, version: 3, kind: 'retention', after: 0 });
      await b.delete(room, 3);
      await a.jobEnded({ room, version: 3, kind: 'retention' });
      expect(await jobOf(b, room)).toEqual({ room, version: 3, kind: 'deleted', after: 0 });
      expect(await b.byName(foldName(roomName))).toBeUndefined();
    });

    it('are listed by id, each once', async () => {
      const records = Array.from({ length: 5 }, () => anyRecord());
      for (const record of records) await a.create(record);
      for (const record of records) await a.delete(record.room, 1);
      const mine = new Set<RoomId>(records.map(({ room }) => room));
      const seen: RoomId[] = [];
      for (let after: RoomId | undefined; ; ) {
        const page: readonly RoomJob[] = await b.jobs(after, 2);
        seen.push(...page.map(({ room }) => room));
        after = page.at(-1)?.room;
        if (after === undefined) break;
      }
      expect(seen.filter((room) => mine.has(room))).toEqual([...mine].sort());
      expect(seen).toEqual([...seen].sort());
    });
  });
}
