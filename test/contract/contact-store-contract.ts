import { describe, expect, it } from 'vitest';
import type { StoredInvitation } from '../../src/ports/contact-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { pairOf, type UserId } from '../../src/protocol/ids.ts';
import { BLOCKS_MAX, INVITATIONS_WAITING_MAX } from '../../src/protocol/limits.ts';
import { anyRoomId, anyUserId, bytes, dayMs, type OpenStores } from './support-store.ts';

/** What every store of contacts promises: src/ports/contact-store.ts. */
export function contactStoreContract(name: string, open: OpenStores): void {
  describe(`contact store of ${name}`, () => {
    const now = Date.now();
    const toRoom = (from: UserId = anyUserId(), room = anyRoomId()): StoredInvitation => ({
      ...{ room, from, kind: 'room', at: now, expiresAt: now + dayMs, letter: bytes(160) },
    });
    const toDirect = (from: UserId = anyUserId()): StoredInvitation => ({
      ...{ room: anyRoomId(), from, kind: 'direct', at: now },
    });

    it('keeps invitations on any node until they are dismissed', async () => {
      await using stores = await open();
      const to = anyUserId();
      const [first, second] = [toRoom(), toDirect()];
      expect(await stores.a.contacts.invite(to, first, now)).toBe('invited');
      expect(await stores.b.contacts.invite(to, second, now)).toBe('invited');
      expect(await stores.b.contacts.invitations(to, now)).toStrictEqual([first, second]);
      expect(await stores.b.contacts.invitations(anyUserId(), now)).toStrictEqual([]);
      expect(await stores.b.contacts.dismiss(to, first.room)).toBe(true);
      expect(await stores.a.contacts.dismiss(to, first.room)).toBe(false);
      expect(await stores.a.contacts.invitations(to, now)).toStrictEqual([second]);
    });

    it('keeps the first invitation to a room, whoever else invites to it at the same time', async () => {
      await using stores = await open();
      const to = anyUserId();
      const first = toRoom();
      await stores.a.contacts.invite(to, first, now);
      const again = [toRoom(anyUserId(), first.room), toRoom(anyUserId(), first.room)];
      const outcomes = await Promise.all([
        stores.a.contacts.invite(to, again[0] ?? first, now),
        stores.b.contacts.invite(to, again[1] ?? first, now),
      ]);
      expect(outcomes).toStrictEqual(['waiting', 'waiting']);
      expect(await stores.b.contacts.invitations(to, now)).toStrictEqual([first]);
    });

    it('gives no invitation whose time is over, and lets another one to the room take its place', async () => {
      await using stores = await open();
      const to = anyUserId();
      const [old, direct] = [toRoom(), toDirect()];
      await stores.a.contacts.invite(to, old, now);
      await stores.a.contacts.invite(to, direct, now);
      const over = now + dayMs;
      expect(await stores.b.contacts.invitations(to, over - 1)).toStrictEqual([old, direct]);
      expect(await stores.b.contacts.invitations(to, over)).toStrictEqual([direct]);
      const fresh = { ...toRoom(anyUserId(), old.room), at: over, expiresAt: over + dayMs };
      expect(await stores.b.contacts.invite(to, fresh, over)).toBe('invited');
      expect(await stores.a.contacts.invitations(to, over)).toStrictEqual([direct, fresh]);
    });

    it('lets no more invitations wait for one user than the limit, however many come at once', async () => {
      await using stores = await open();
      const to = anyUserId();
      const earlier = Array.from({ length: INVITATIONS_WAITING_MAX - 1 }, () => toDirect());
      await Promise.all(earlier.map((each) => stores.a.contacts.invite(to, each, now)));
      const outcomes = await Promise.all(
        [stores.a, stores.b, stores.a, stores.b].map(({ contacts }) => contacts.invite(to, toDirect(), now)),
      );
      expect([...outcomes].sort()).toStrictEqual(['full', 'full', 'full', 'invited']);
      expect(await stores.b.contacts.invitations(to, now)).toHaveLength(INVITATIONS_WAITING_MAX);
    });

    it('blocks users, removes what they sent, and unblocks them', async () => {
      await using stores = await open();
      const [user, other, third] = [anyUserId(), anyUserId(), anyUserId()];
      const kept = toRoom(third);
      await stores.a.contacts.invite(user, toRoom(other), now);
      await stores.a.contacts.invite(user, kept, now);
      for (const blocked of [third, other, other])
        expect(await stores.b.contacts.block(user, blocked)).toBe('blocked');
      await stores.b.contacts.unblock(user, third);
      await stores.b.contacts.unblock(anyUserId(), third);
      expect(await stores.a.contacts.isBlocked(user, other)).toBe(true);
      expect(await stores.a.contacts.isBlocked(user, third)).toBe(false);
      expect(await stores.a.contacts.isBlocked(other, user)).toBe(false);
      expect(await stores.a.contacts.blocked(user)).toStrictEqual([other]);
      expect(await stores.a.contacts.blocked(other)).toStrictEqual([]);
      await stores.a.contacts.block(user, third);
      expect(await stores.b.contacts.blocked(user)).toStrictEqual([other, third].sort());
      expect(await stores.b.contacts.invitations(user, now)).toStrictEqual([]);
    });

    it('blocks no more users than the limit, and takes one that is blocked already', async () => {
      await using stores = await open();
      const user = anyUserId();
      const others = Array.from({ length: BLOCKS_MAX }, anyUserId);
      for (let from = 0; from < BLOCKS_MAX; from += 25) {
        const some = others.slice(from, from + 25);
        await Promise.all(some.map((other) => stores.a.contacts.block(user, other)));
      }
      expect(await stores.b.contacts.block(user, anyUserId())).toBe('full');
      expect(await stores.b.contacts.block(user, others[7] ?? user)).toBe('blocked');
      expect(await stores.b.contacts.blocked(user)).toStrictEqual([...others].sort());
    });

    it('counts how many direct rooms of a pair have ended, and never lowers that', async () => {
      await using stores = await open();
      const [one, other] = [anyUserId(), anyUserId()];
      const pair = pairOf(one, other);
      expect(pairOf(other, one)).toStrictEqual(pair);
      expect(await stores.a.contacts.endedGeneration(pair)).toBe(0);
      await Promise.all([stores.a.contacts.endGeneration(pair, 2), stores.b.contacts.endGeneration(pair, 3)]);
      await stores.b.contacts.endGeneration(pair, 1);
      expect(await stores.b.contacts.endedGeneration(pair)).toBe(3);
      expect(await stores.b.contacts.endedGeneration(pairOf(one, anyUserId()))).toBe(0);
    });

    it('removes the invitations to a room, and no others', async () => {
      await using stores = await open();
      const [one, other] = [anyUserId(), anyUserId()];
      const [gone, kept] = [toRoom(), toRoom()];
      for (const to of [one, other]) {
        await stores.a.contacts.invite(to, gone, now);
        await stores.a.contacts.invite(to, kept, now);
      }
      await stores.b.contacts.purge(gone.room);
      for (const to of [one, other])
        expect(await stores.a.contacts.invitations(to, now)).toStrictEqual([kept]);
    });

    it('removes everything of a user, and what the user sent to others', async () => {
      await using stores = await open();
      const [gone, other] = [anyUserId(), anyUserId()];
      const kept = toRoom();
      await stores.a.contacts.invite(gone, toRoom(other), now);
      await stores.a.contacts.block(gone, anyUserId());
      await stores.a.contacts.invite(other, toRoom(gone), now);
      await stores.a.contacts.invite(other, kept, now);
      await stores.a.contacts.endGeneration(pairOf(gone, other), 4);
      const bystanders = pairOf(other, anyUserId());
      await stores.a.contacts.endGeneration(bystanders, 5);
      await stores.b.contacts.remove(gone);
      expect(await stores.a.contacts.invitations(gone, now)).toStrictEqual([]);
      expect(await stores.a.contacts.blocked(gone)).toStrictEqual([]);
      expect(await stores.a.contacts.invitations(other, now)).toStrictEqual([kept]);
      expect(await stores.a.contacts.endedGeneration(pairOf(gone, other))).toBe(0);
      expect(await stores.a.contacts.endedGeneration(bystanders)).toBe(5);
    });

    it('is unavailable after it was closed', async () => {
      await using stores = await open();
      const { contacts } = stores.a;
      await stores.a.close();
      const [user, other] = [anyUserId(), anyUserId()];
      await expect(contacts.invite(user, toRoom(), now)).rejects.toThrow(Unavailable);
      await expect(contacts.invitations(user, now)).rejects.toThrow(Unavailable);
      await expect(contacts.block(user, other)).rejects.toThrow(Unavailable);
      await expect(contacts.isBlocked(user, other)).rejects.toThrow(Unavailable);
      await expect(contacts.endedGeneration(pairOf(user, other))).rejects.toThrow(Unavailable);
    });
  });
}
