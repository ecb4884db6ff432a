import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../src/domain/roster.ts';
import type { RoomStore } from '../../src/ports/room-store.ts';
import { pairOf } from '../../src/protocol/ids.ts';
import { foldName } from '../../src/protocol/names.ts';
import {
  anyLetters,
  anyMember,
  anyRecord,
  anyRoomId,
  anyRoomName,
  anyUserId,
  ascending,
  bytes,
  type OpenStores,
} from './support-store.ts';
import { withStores } from './support-store-pair.ts';
import { at, joins, joinWithRetries, leaves, sets } from './support-store-roster.ts';

export function roomListsContract(name: string, open: OpenStores): void {
  describe(`lists in the room store of ${name}`, () => {
    let a: RoomStore;
    let b: RoomStore;
    withStores(open, (stores) => {
      a = stores.a.rooms;
      b = stores.b.rooms;
    });

    it('of a user’s rooms come in pages by id and follow joins and leaves', async () => {
      const user = anyUserId();
      const records = Array.from({ length: 5 }, (_, index) =>
        anyRecord({
          members: ascending([
            anyMember({ role: 'owner' }),
            anyMember({ user, role: index === 0 ? 'moderator' : 'member', joined: index }),
          ]),
        }),
      );
      for (const record of records) await a.create(record);
      await a.create(anyRecord());
      const byId = [...records].sort((one, other) => (one.room < other.room ? -1 : 1));
      const own = byId.map((record) => {
        const member = record.members.find((one) => one.user === user);
        return { room: record.room, name: record.name, role: member?.role, joined: member?.joined };
      });
      expect(await b.roomsOf(user, undefined, 3)).toEqual(own.slice(0, 3));
      expect(await b.roomsOf(user, own[2]?.room, 3)).toEqual(own.slice(3));
      expect(await b.countRoomsOf(user)).toBe(5);

      const left = byId[0];
      const member = left?.members.find((one) => one.user === user);
      if (left === undefined || member === undefined) throw new Error('the test made no member');
      await a.update(left.room, leaves(2, member));
      expect(await b.roomsOf(user, undefined, 10)).toEqual(own.slice(1));
      expect(await b.countRoomsOf(user)).toBe(4);
      await a.update(left.room, joins(3, { ...member, joined: 77 }));
      expect((await b.roomsOf(user, undefined, 1))[0]).toEqual({ ...own[0], joined: 77 });
      await a.delete(left.room, 3);
      expect(await b.countRoomsOf(user)).toBe(4);
      expect(await b.roomsOf(anyUserId(), undefined, 10)).toEqual([]);
      expect(await b.countRoomsOf(anyUserId())).toBe(0);
    });

    it('say which rooms are direct rooms, and of whom, whatever changes in them', async () => {
      const user = anyUserId();
      const direct = { ...pairOf(user, anyUserId()), generation: 3 };
      const record = anyRecord({ direct, hidden: true, members: [anyMember({ user })] });
      await a.create(record);
      const settings = { ...settingsOf(record), retention: 5 };
      expect(await b.update(record.room, sets(2, settings))).toBe('updated');
      expect(await b.byId(record.room)).toMatchObject({ direct, retention: 5 });
      expect(await a.byName(record.folded)).toMatchObject({ direct });
      expect(await b.roomsOf(user, undefined, 2)).toMatchObject([{ room: record.room, direct }]);
      const other = anyRecord({ members: [anyMember({ user: anyUserId() })] });
      await a.create(other);
      expect(await b.byId(other.room)).not.toHaveProperty('direct');
    });

    it('of summaries tell members, password, hiding and suite', async () => {
      const open = anyRecord({ members: ascending([anyMember(), anyMember(), anyMember()]) });
      const locked = anyRecord({
        hidden: true,
        suite: 2,
        password: { number: 3, salt: bytes(32), proofHash: bytes(32) },
      });
      await a.create(open);
      await a.create(locked);
      const found = await b.summaries([locked.room, anyRoomId(), open.room]);
      expect(found).toHaveLength(2);
      const { room, name: roomName, folded } = open;
      expect(found).toContainEqual({
        room,
        name: roomName,
        folded,
        members: 3,
        hasPassword: false,
        hidden: false,
      });
      expect(found).toContainEqual({
        room: locked.room,
        name: locked.name,
        folded: locked.folded,
        members: 1,
        hasPassword: true,
        hidden: true,
        suite: 2,
      });
      expect(await b.summaries([])).toEqual([]);
    });

    it('of summaries count members after every kind of change, and after several at once', async () => {
      const record = anyRecord();
      await a.create(record);
      const owner = record.members[0] ?? expect.unreachable();
      const { room } = record;
      const members = async () => (await b.summaries([room])).map((summary) => summary.members);
      const [first, second] = [anyMember({ since: 2 }), anyMember({ since: 3 })];
      await a.update(room, joins(2, first));
      await b.update(room, joins(3, second));
      expect(await members()).toEqual([3]);
      const promoted = { ...first, role: 'owner' } as const;
      const handed = {
        version: 4,
        kind: 'role',
        before: first,
        after: promoted,
        formerOwner: owner,
      } as const;
      await a.update(room, { change: { ...handed, at: at() }, raisesFloor: false });
      expect(await members()).toEqual([3]);
      const { name: roomName, hidden, retention, password } = record;
      await b.update(room, sets(5, { name: roomName, hidden, retention, password }));
      expect(await members()).toEqual([3]);
      const ban = { version: 6, kind: 'banned', before: second, at: at() } as const;
      await a.update(room, { change: ban, raisesFloor: true, bans: { add: second.user } });
      expect(await members()).toEqual([2]);
      await Promise.all(
        Array.from({ length: 6 }, (_, index) => joinWithRetries(index % 2 === 0 ? a : b, room, anyMember())),
      );
      expect(await members()).toEqual([8]);
      expect((await b.byId(room))?.members).toHaveLength(8);
    });

    it('of listed rooms leave hidden ones out and go by folded name', async () => {
      const prefix = anyLetters();
      const names = ['Beta', 'alpha', 'GAMMA', 'delta'].map((tail) => anyRoomName(prefix + tail));
      for (const each of names) await a.create(anyRecord({ name: each }));
      const hidden = anyRecord({ name: anyRoomName(`${prefix}Aaa`), hidden: true });
      await a.create(hidden);
      const folded = names.map(foldName).sort();
      const listed = async (from: string, after: string | undefined, limit: number) =>
        (await b.listed(from, after, limit)).map((summary) => summary.folded);
      expect(await listed(prefix, undefined, 10)).toEqual(folded);
      expect(await listed(prefix, undefined, 2)).toEqual(folded.slice(0, 2));
      expect(await listed(prefix, folded[1], 10)).toEqual(folded.slice(2));
      expect(await listed(`${prefix}beta`, undefined, 10)).toEqual([folded[1]]);
      expect(await listed(`${prefix}zz`, undefined, 10)).toEqual([]);
      expect((await listed('', undefined, 1000)).filter((each) => each.startsWith(prefix))).toEqual(folded);
    });
  });
}
