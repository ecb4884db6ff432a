import { describe, expect, it } from 'vitest';
import { applyChange, type RosterChange, type RosterMember } from '../../src/domain/roster.ts';
import type { RoomStore } from '../../src/ports/room-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { foldName } from '../../src/protocol/names.ts';
import { roomChangesContract } from './room-store-changes-contract.ts';
import { anyJob, type RoomJobsForm, roomJobsContract } from './room-store-jobs-contract.ts';
import { roomListsContract } from './room-store-lists-contract.ts';
import { roomRolesContract } from './room-store-roles-contract.ts';
import {
  anyMember,
  anyRecord,
  anyRoomId,
  anyRoomName,
  anyUserId,
  ascending,
  byteArraysIn,
  bytes,
  type OpenStores,
} from './support-store.ts';
import { withStores } from './support-store-pair.ts';
import { at, joins, joinWithRetries, leaves, sets } from './support-store-roster.ts';

/** What every room store promises about records, rosters and their changes: src/ports/room-store.ts. */
export function roomStoreContract(name: string, open: OpenStores, form: RoomJobsForm = {}): void {
  roomChangesContract(name, open);
  roomListsContract(name, open);
  roomRolesContract(name, open);
  roomJobsContract(name, open, form);
  describe(`room store of ${name}`, () => {
    let a: RoomStore;
    let b: RoomStore;
    withStores(open, (stores) => {
      a = stores.a.rooms;
      b = stores.b.rooms;
    });

    describe('records', () => {
      it('are found by name and by id from another node', async () => {
        const record = anyRecord({
          hidden: true,
          goneThrough: 1_700_000_000_000,
          password: { number: 2, last: 2, salt: bytes(32), proofHash: bytes(32) },
          bans: [anyUserId(), anyUserId()].sort(),
          members: ascending([anyMember({ role: 'owner' }), anyMember({ role: 'moderator' }), anyMember()]),
        });
        expect(await a.create(record)).toBe('created');
        expect(await b.byName(record.folded)).toEqual(record);
        expect(await b.byId(record.room)).toEqual(record);
      });

      it('that do not exist are not found', async () => {
        expect(await a.byName(foldName(anyRoomName()))).toBeUndefined();
        expect(await a.byId(anyRoomId())).toBeUndefined();
      });

      it('have names of their own: one of many who ask at once gets it', async () => {
        const wanted = anyRoomName();
        const rivals = Array.from({ length: 8 }, () => anyRecord({ name: wanted }));
        const outcomes = await Promise.all(
          rivals.map((rival, index) => (index % 2 === 0 ? a : b).create(rival)),
        );
        expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
        expect(await a.byName(foldName(wanted))).toEqual(rivals[outcomes.indexOf('created')]);
      });

      it('are deleted only at the version that was named, and free their name', async () => {
        const record = anyRecord();
        await a.create(record);
        expect(await b.delete(record.room, record.version + 1)).toBe('conflict');
        expect(await b.byId(record.room)).toEqual(record);
        expect(await b.delete(record.room, record.version)).toBe('deleted');
        expect(await a.byId(record.room)).toBeUndefined();
        expect(await a.byName(record.folded)).toBeUndefined();
        expect(await a.delete(record.room, record.version)).toBe('conflict');
        expect(await a.create(anyRecord({ name: record.name }))).toBe('created');
      });

      it('share no bytes with their callers', async () => {
        const salt = bytes(32);
        const kept = salt.slice();
        const record = anyRecord({ password: { number: 1, salt, proofHash: bytes(32) } });
        await a.create(record);
        salt.fill(0);
        const first = await a.byId(record.room);
        expect(first?.password.salt).toEqual(kept);
        for (const array of byteArraysIn(first)) {
          expect(Object.getPrototypeOf(array)).toBe(Uint8Array.prototype);
          expect(array.buffer.byteLength).toBe(array.length);
          array.fill(0);
        }
        expect((await a.byId(record.room))?.password.salt).toEqual(kept);
      });
    });

    describe('an update', () => {
      it('that joins a member raises the version alone and keeps the order by user id', async () => {
        const record = anyRecord();
        await a.create(record);
        const members = [...record.members];
        for (let version = 2; version <= 6; version += 1) {
          const member = anyMember({ since: version, joined: version * 10 });
          members.push(member);
          expect(await a.update(record.room, joins(version, member))).toBe('updated');
          expect(await b.byId(record.room)).toEqual({ ...record, version, members: ascending(members) });
        }
      });

      it('that removes a member raises the floor when told so', async () => {
        const [owner, member] = [anyMember({ role: 'owner' }), anyMember()];
        const record = anyRecord({ members: ascending([owner, member]) });
        await a.create(record);
        expect(await a.update(record.room, leaves(2, member))).toBe('updated');
        expect(await b.byId(record.room)).toEqual({ ...record, version: 2, floor: 2, members: [owner] });
      });

      it('that changes a member leaves the others alone', async () => {
        const record = anyRecord({ members: ascending(Array.from({ length: 5 }, () => anyMember())) });
        await a.create(record);
        const before = record.members[2] ?? anyMember();
        const after: RosterMember = { ...before, role: 'moderator', identity: 2, since: 2 };
        const change: RosterChange = { version: 2, kind: 'identity', before, after, at: at() };
        expect(await a.update(record.room, { change, raisesFloor: true })).toBe('updated');
        const members = record.members.map((member) => (member.user === after.user ? after : member));
        expect(await b.byId(record.room)).toEqual({ ...record, version: 2, floor: 2, members });
      });

      it('of settings replaces all of them, the name included', async () => {
        const record = anyRecord({ password: { number: 1, salt: bytes(32), proofHash: bytes(32) } });
        await a.create(record);
        const settings = {
          name: anyRoomName(),
          hidden: true,
          retention: 0,
          goneThrough: 7,
          password: { number: 0 },
        };
        expect(await a.update(record.room, sets(2, settings))).toBe('updated');
        const expected = { ...record, ...settings, folded: foldName(settings.name), version: 2 };
        expect(await b.byName(expected.folded)).toEqual(expected);
        expect(await b.byName(record.folded)).toBeUndefined();
      });

      it('to a name that another room has is refused and changes nothing', async () => {
        const [record, other] = [anyRecord(), anyRecord()];
        await a.create(record);
        await a.create(other);
        const { hidden, retention, password } = record;
        const settings = { name: other.name, hidden, retention, password };
        expect(await a.update(record.room, sets(2, settings))).toBe('name_taken');
        expect(await a.byId(record.room)).toEqual(record);
        expect(await a.byName(other.folded)).toEqual(other);
        expect(await a.changes(record.room, 1, 1_000)).toEqual([]);
      });

      it('holds only for the version before it', async () => {
        const record = anyRecord({ version: 5, floor: 4 });
        await a.create(record);
        for (const version of [4, 5, 7]) {
          expect(await b.update(record.room, joins(version, anyMember()))).toBe('conflict');
        }
        expect(await b.byId(record.room)).toEqual(record);
        expect(await b.update(anyRoomId(), joins(2, anyMember()))).toBe('conflict');
      });

      it('wins alone among those for one version', async () => {
        const record = anyRecord();
        await a.create(record);
        const rivals = Array.from({ length: 8 }, () => joins(2, anyMember()));
        const outcomes = await Promise.all(
          rivals.map((rival, index) => (index % 2 === 0 ? a : b).update(record.room, rival)),
        );
        expect(outcomes.filter((outcome) => outcome === 'updated')).toHaveLength(1);
        const winner = rivals[outcomes.indexOf('updated')];
        expect(await a.changes(record.room, 1, 1_000)).toEqual([winner?.change]);
        const members = winner === undefined ? [] : applyChange(record.members, winner.change);
        expect(await a.byId(record.room)).toEqual({ ...record, version: 2, members });
      });

      it('works in a room of 1,000 members', async () => {
        const members = ascending(Array.from({ length: 999 }, () => anyMember()));
        const record = anyRecord({ members });
        await a.create(record);
        const last = anyMember({ since: 2 });
        expect(await a.update(record.room, joins(2, last))).toBe('updated');
        const full = ascending([...members, last]);
        expect((await b.byId(record.room))?.members).toEqual(full);
        const gone = full[500] ?? last;
        expect(await b.update(record.room, leaves(3, gone))).toBe('updated');
        expect((await a.byId(record.room))?.members).toEqual(full.filter((member) => member !== gone));
      });
    });

    describe('ceiling and settled position', () => {
      it('the ceiling is raised by one of two who raise it from the same value', async () => {
        const record = anyRecord();
        await a.create(record);
        expect(await a.raiseCeiling(record.room, 0, 1000)).toBe(1000);
        expect(await b.raiseCeiling(record.room, 0, 2000)).toBe(1000);
        expect(await b.raiseCeiling(record.room, 1000, 2000)).toBe(2000);
        expect(await b.raiseCeiling(record.room, 2000, 2 ** 40)).toBe(2 ** 40);
        expect(await a.byId(record.room)).toEqual({ ...record, seqCeiling: 2 ** 40 });
        expect(await a.raiseCeiling(anyRoomId(), 0, 1000)).toBeUndefined();
      });

      it('the ceiling is lowered from where it stands, and from nowhere else', async () => {
        const record = anyRecord();
        await a.create(record);
        await a.raiseCeiling(record.room, 0, 1000);
        await b.lowerCeiling(record.room, 900, 5);
        await b.lowerCeiling(record.room, 1000, 1001);
        expect(await a.byId(record.room)).toEqual({ ...record, seqCeiling: 1000 });
        await b.lowerCeiling(record.room, 1000, 7);
        expect(await a.byId(record.room)).toEqual({ ...record, seqCeiling: 7 });
        await expect(a.lowerCeiling(anyRoomId(), 1, 0)).resolves.toBeUndefined();
      });

      it('the settled position rises and never falls', async () => {
        const record = anyRecord();
        await a.create(record);
        await a.raiseSettled(record.room, 700);
        await b.raiseSettled(record.room, 600);
        expect(await b.byId(record.room)).toEqual({ ...record, settledThrough: 700 });
        expect(await b.settledThrough(record.room)).toBe(700);
        await expect(a.raiseSettled(anyRoomId(), 1)).resolves.toBeUndefined();
        expect(await a.settledThrough(anyRoomId())).toBe(0);
      });

      it('neither is in the way of a roster update', async () => {
        const record = anyRecord();
        await a.create(record);
        const member = anyMember();
        await Promise.all([
          a.raiseCeiling(record.room, 0, 1000),
          b.raiseSettled(record.room, 9),
          joinWithRetries(b, record.room, member),
        ]);
        expect(await a.byId(record.room)).toEqual({
          ...record,
          seqCeiling: 1000,
          settledThrough: 9,
          version: 2,
          members: ascending([...record.members, member]),
        });
      });
    });

    it('is unavailable after it was closed', async () => {
      await using closed = await open();
      const { rooms } = closed.a;
      await closed.a.close();
      const calls = [
        rooms.create(anyRecord()),
        rooms.byName(foldName(anyRoomName())),
        rooms.byId(anyRoomId()),
        rooms.update(anyRoomId(), joins(2, anyMember())),
        rooms.changes(anyRoomId(), 1, 1_000),
        rooms.delete(anyRoomId(), 1),
        rooms.jobs(undefined, 1),
        rooms.jobDone(anyJob()),
        rooms.jobEnded(anyJob()),
        rooms.raiseCeiling(anyRoomId(), 0, 1),
        rooms.raiseSettled(anyRoomId(), 1),
        rooms.settledThrough(anyRoomId()),
        rooms.roomsOf(anyUserId(), undefined, 1),
        rooms.countRoomsOf(anyUserId()),
        rooms.summaries([anyRoomId()]),
        rooms.listed('', undefined, 1),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) });
      }
    });
  });
}
