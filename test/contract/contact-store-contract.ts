import { describe, expect, it } from 'vitest';
import type { ContactStore, StoredInvitation } from '../../src/ports/contact-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { pairOf, type UserId } from '../../src/protocol/ids.ts';
import { BLOCKS_MAX, INVITATIONS_WAITING_MAX } from '../../src/protocol/limits.ts';
import { anyRoomId, anyUserId, bytes, dayMs, type OpenStores } from './support-store.ts';
import { withStores } from './support-store-pair.ts';

/** What every store of contacts promises: src/ports/contact-store.ts. */
export function contactStoreContract(name: string, open: OpenStores): void {
  describe(`contact store of ${name}`, () => {
    let a: ContactStore;
    let b: ContactStore;
    withStores(open, (stores) => {
      a = stores.a.contacts;
      b = stores.b.contacts;
    });
    const now = Date.now();
    const toRoom = (from: UserId = anyUserId(), room = anyRoomId()): StoredInvitation => ({
      ...{ room, from, kind: 'room', at: now, expiresAt: now + dayMs, letter: bytes(160) },
    });
    const toDirect = (from: UserId = anyUserId()): StoredInvitation => ({
      ...{ room: anyRoomId(), from, kind: 'direct', at: now },
    });

    it('keeps invitations on any node until they are dismissed', async () => {
      const to = anyUserId();
      const [first, second] = [toRoom(), toDirect()];
      expect(await a.invite(to, first, now)).toBe('invited');
      expect(await b.invite(to, second, now)).toBe('invited');
      expect(await b.invitations(to, now)).toStrictEqual([first, second]);
      expect(await b.invitations(anyUserId(), now)).toStrictEqual([]);
      expect(await b.dismiss(to, first.room)).toBe(true);
      expect(await a.dismiss(to, first.room)).toBe(false);
      expect(await a.invitations(to, now)).toStrictEqual([second]);
    });

    it('keeps the first invitation to a room, whoever else invites to it at the same time', async () => {
      const to = anyUserId();
      const first = toRoom();
      await a.invite(to, first, now);
      const again = [toRoom(anyUserId(), first.room), toRoom(anyUserId(), first.room)];
      const outcomes = await Promise.all([
        a.invite(to, again[0] ?? first, now),
        b.invite(to, again[1] ?? first, now),
      ]);
      expect(outcomes).toStrictEqual(['waiting', 'waiting']);
      expect(await b.invitations(to, now)).toStrictEqual([first]);
    });

    it('gives no invitation whose time is over, and lets another one to the room take its place', async () => {
      const to = anyUserId();
      const [old, direct] = [toRoom(), toDirect()];
      await a.invite(to, old, now);
      await a.invite(to, direct, now);
      const over = now + dayMs;
      expect(await b.invitations(to, over - 1)).toStrictEqual([old, direct]);
      expect(await b.invitations(to, over)).toStrictEqual([direct]);
      const fresh = { ...toRoom(anyUserId(), old.room), at: over, expiresAt: over + dayMs };
      expect(await b.invite(to, fresh, over)).toBe('invited');
      expect(await a.invitations(to, over)).toStrictEqual([direct, fresh]);
    });

    it('lets no more invitations wait for one user than the limit, however many come at once', async () => {
      const to = anyUserId();
      const earlier = Array.from({ length: INVITATIONS_WAITING_MAX - 1 }, () => toDirect());
      // One by one: so many writers of one document hold each other up.
      for (const each of earlier) await a.invite(to, each, now);
      const outcomes = await Promise.all(
        [a, b, a, b].map((contacts) => contacts.invite(to, toDirect(), now)),
      );
      expect([...outcomes].sort()).toStrictEqual(['full', 'full', 'full', 'invited']);
      expect(await b.invitations(to, now)).toHaveLength(INVITATIONS_WAITING_MAX);
    });

    it('blocks users, removes what they sent, and unblocks them', async () => {
      const [user, other, third] = [anyUserId(), anyUserId(), anyUserId()];
      const kept = toRoom(third);
      await a.invite(user, toRoom(other), now);
      await a.invite(user, kept, now);
      for (const blocked of [third, other, other]) expect(await b.block(user, blocked)).toBe('blocked');
      await b.unblock(user, third);
      await b.unblock(anyUserId(), third);
      expect(await a.isBlocked(user, other)).toBe(true);
      expect(await a.isBlocked(user, third)).toBe(false);
      expect(await a.isBlocked(other, user)).toBe(false);
      expect(await a.blocked(user)).toStrictEqual([other]);
      expect(await a.blocked(other)).toStrictEqual([]);
      await a.block(user, third);
      expect(await b.blocked(user)).toStrictEqual([other, third].sort());
      expect(await b.invitations(user, now)).toStrictEqual([]);
    });

    it('blocks no more users than the limit, and takes one that is blocked already', async () => {
      const user = anyUserId();
      const others = Array.from({ length: BLOCKS_MAX }, anyUserId);
      for (let from = 0; from < BLOCKS_MAX; from += 25) {
        const some = others.slice(from, from + 25);
        await Promise.all(some.map((other) => a.block(user, other)));
      }
      expect(await b.block(user, anyUserId())).toBe('full');
      expect(await b.block(user, others[7] ?? user)).toBe('blocked');
      expect(await b.blocked(user)).toStrictEqual([...others].sort());
    });

    it('counts how many direct rooms of a pair have ended, and never lowers that', async () => {
      const [one, other] = [anyUserId(), anyUserId()];
      const pair = pairOf(one, other);
      expect(pairOf(other, one)).toStrictEqual(pair);
      expect(await a.endedGeneration(pair)).toBe(0);
      await Promise.all([a.endGeneration(pair, 2), b.endGeneration(pair, 3)]);
      await b.endGeneration(pair, 1);
      expect(await b.endedGeneration(pair)).toBe(3);
      expect(await b.endedGeneration(pairOf(one, anyUserId()))).toBe(0);
    });

    it('removes the invitations to a room, and no others', async () => {
      const [one, other] = [anyUserId(), anyUserId()];
      const [gone, kept] = [toRoom(), toRoom()];
      for (const to of [one, other]) {
        await a.invite(to, gone, now);
        await a.invite(to, kept, now);
      }
      await b.purge(gone.room);
      for (const to of [one, other]) expect(await a.invitations(to, now)).toStrictEqual([kept]);
    });

    it('removes everything of a user, and what the user sent to others', async () => {
      const [gone, other] = [anyUserId(), anyUserId()];
      const kept = toRoom();
      await a.invite(gone, toRoom(other), now);
      await a.block(gone, anyUserId());
      await a.invite(other, toRoom(gone), now);
      await a.invite(other, kept, now);
      await a.endGeneration(pairOf(gone, other), 4);
      const bystanders = pairOf(other, anyUserId());
      await a.endGeneration(bystanders, 5);
      await b.remove(gone);
      expect(await a.invitations(gone, now)).toStrictEqual([]);
      expect(await a.blocked(gone)).toStrictEqual([]);
      expect(await a.invitations(other, now)).toStrictEqual([kept]);
      expect(await a.endedGeneration(pairOf(gone, other))).toBe(0);
      expect(await a.endedGeneration(bystanders)).toBe(5);
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
