import { describe, expect, it } from 'vitest';
import {
  applyChange,
  type RosterChange,
  type RosterMember,
  revertChange,
  settingsOf,
} from '../../src/domain/roster.ts';
import type { RoomStore } from '../../src/ports/room-store.ts';
import { ROOM_BANS_MAX } from '../../src/protocol/limits.ts';
import { foldName, parseRoomName } from '../../src/protocol/names.ts';
import {
  anyMember,
  anyRecord,
  anyRoomName,
  anyUserId,
  ascending,
  given,
  type OpenStores,
} from './support-store.ts';
import { withStores } from './support-store-pair.ts';
import { at, joins, sets } from './support-store-roster.ts';

/** Roles, bans and names: what owners and moderators change. */
export function roomRolesContract(name: string, open: OpenStores): void {
  describe(`roles and bans in the room store of ${name}`, () => {
    let a: RoomStore;
    let b: RoomStore;
    withStores(open, (stores) => {
      a = stores.a.rooms;
      b = stores.b.rooms;
    });

    it('a room gets a new owner in one step, and its rosters lead back over it', async () => {
      const owner = anyMember({ role: 'owner' });
      const heir = anyMember({ joined: 7 });
      const members = ascending([owner, heir, anyMember(), anyMember()]);
      const record = anyRecord({ members });
      await a.create(record);
      const after: RosterMember = { ...heir, role: 'owner' };
      const change: RosterChange = {
        version: 2,
        kind: 'role',
        before: heir,
        after,
        formerOwner: owner,
        at: at(),
      };
      expect(await b.update(record.room, { change, raisesFloor: false })).toBe('updated');
      const found = await a.byId(record.room);
      const roles = new Map(found?.members.map(({ user, role }) => [user, role]));
      expect([roles.get(owner.user), roles.get(heir.user)]).toEqual(['moderator', 'owner']);
      expect(found?.members).toEqual(applyChange(members, change));
      const [filed] = (await a.changes(record.room, 1, 1_000)) ?? [];
      expect(filed).toEqual(change);
      expect(revertChange(found?.members ?? [], change)).toEqual(members);
      for (const { user } of [owner, heir]) {
        expect(await a.roomsOf(user, undefined, 1)).toMatchObject([
          { room: record.room, role: roles.get(user) },
        ]);
      }
    });

    it('a ban takes a member out and keeps it banned, by one step', async () => {
      const [owner, rogue] = [anyMember({ role: 'owner' }), anyMember()];
      const record = anyRecord({ members: ascending([owner, rogue]) });
      await a.create(record);
      const change: RosterChange = { version: 2, kind: 'banned', before: rogue, at: at() };
      expect(await a.update(record.room, { change, raisesFloor: true, bans: { add: rogue.user } })).toBe(
        'updated',
      );
      expect(await b.byId(record.room)).toEqual({
        ...record,
        version: 2,
        floor: 2,
        members: [owner],
        bans: [rogue.user],
      });
      expect(await b.changes(record.room, 1, 1_000)).toEqual([change]);
      expect(await b.countRoomsOf(rogue.user)).toBe(0);
    });

    it('a ban of somebody outside raises the version, so that a join prepared before it conflicts', async () => {
      const record = anyRecord();
      await a.create(record);
      const stranger = anyUserId();
      const change: RosterChange = { version: 2, kind: 'settings', at: at() };
      const outcomes = await Promise.all([
        a.update(record.room, { change, raisesFloor: false, bans: { add: stranger } }),
        b.update(record.room, joins(2, anyMember({ user: stranger, since: 2 }))),
      ]);
      expect([...outcomes].sort()).toEqual(['conflict', 'updated']);
      const found = await a.byId(record.room);
      const isMember = found?.members.some(({ user }) => user === stranger) === true;
      expect(isMember).toBe(!(found?.bans.includes(stranger) === true));
    });

    it('bans are lifted one by one, and others stay', async () => {
      const bans = Array.from({ length: 5 }, anyUserId).sort();
      const record = anyRecord({ bans });
      await a.create(record);
      const [first = anyUserId(), ...rest] = bans;
      const change: RosterChange = { version: 2, kind: 'settings', at: at() };
      await b.update(record.room, { change, raisesFloor: false, bans: { remove: first } });
      expect(await a.byId(record.room)).toEqual({ ...record, version: 2, bans: rest });
    });

    it('a full list of bans is kept as it is through changes of all kinds', async () => {
      const bans = Array.from({ length: ROOM_BANS_MAX }, anyUserId).sort();
      const record = anyRecord({ bans });
      await a.create(record);
      const { name: roomName, hidden, password } = record;
      await b.update(record.room, sets(2, { name: roomName, hidden, password, retention: 1 }));
      await a.update(record.room, joins(3, anyMember({ since: 3 })));
      expect((await b.byId(record.room))?.bans).toEqual(bans);
    });

    it('a layout of headers and a suite are kept, also through changes that do not know it, and absent when it never rose', async () => {
      const [plain, raised] = [anyRecord(), anyRecord({ header: 2, suite: 2 })];
      for (const record of [plain, raised]) await a.create(record);
      expect(await b.byId(plain.room)).toEqual(plain);
      expect(await b.byId(raised.room)).toEqual(raised);
      await b.update(plain.room, sets(2, { ...settingsOf(plain), header: 2, suite: 2 }));
      expect(await a.byId(plain.room)).toMatchObject({ header: 2, suite: 2, version: 2 });
      for (const { room } of [plain, raised]) {
        const version = room === plain.room ? 3 : 2;
        await b.update(room, joins(version, anyMember({ since: version })));
        expect(await a.byId(room)).toMatchObject({ header: 2, suite: 2, version });
      }
    });

    it('a name goes to one of two rooms that take it at once, and the other keeps its own', async () => {
      const rooms = [anyRecord(), anyRecord()];
      for (const record of rooms) await a.create(record);
      const wanted = anyRoomName();
      const outcomes = await Promise.all(
        rooms.map(({ room, hidden, retention, password }, index) =>
          (index === 0 ? a : b).update(room, sets(2, { name: wanted, hidden, retention, password })),
        ),
      );
      expect([...outcomes].sort()).toEqual(['name_taken', 'updated']);
      const winner = rooms[outcomes.indexOf('updated')];
      const loser = rooms[outcomes.indexOf('name_taken')];
      expect((await a.byName(foldName(wanted)))?.room).toBe(winner?.room);
      expect(await b.byId(loser?.room ?? anyRecord().room)).toEqual(loser);
      expect(await a.create(anyRecord({ name: winner?.name ?? wanted }))).toBe('created');
    });

    it('a room may take its own name in other letters', async () => {
      const record = anyRecord({ name: anyRoomName('room') });
      await a.create(record);
      const upper = record.name.toUpperCase();
      const { hidden, retention, password } = record;
      const settings = { name: given(parseRoomName(upper)), hidden, retention, password };
      expect(await b.update(record.room, sets(2, settings))).toBe('updated');
      expect((await a.byName(record.folded))?.name).toBe(upper);
    });
  });
}
