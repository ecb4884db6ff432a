import { describe, expect, it } from 'vitest';
import type { BackupHead, BackupPart } from '../../src/ports/backup-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { anyUserId, bytes, dayMs, type OpenStores } from './support-store.ts';

/** What every store of backups promises: src/ports/backup-store.ts. */
export function backupStoreContract(name: string, open: OpenStores): void {
  describe(`backup store of ${name}`, () => {
    const later = Date.now() + dayMs;
    const made = (version: number, parts: number): { head: BackupHead; parts: readonly BackupPart[] } => {
      const upload = bytes(16);
      return {
        head: { version, sequence: 3, token: bytes(32), upload, parts, at: 1_700_000_000_000 + version },
        parts: Array.from({ length: parts }, (_, number) => ({ upload, number, data: bytes(500 + number) })),
      };
    };

    it('gives what was committed, part by part, on any node', async () => {
      await using stores = await open();
      const user = anyUserId();
      const { head, parts } = made(1, 3);
      for (const part of parts) await stores.a.backups.putPart(user, part, later);
      expect(await stores.b.backups.head(user)).toBeUndefined();
      expect(await stores.a.backups.commit(user, head, 0)).toBe('stored');
      expect(await stores.b.backups.head(user)).toStrictEqual(head);
      for (const { number, data } of parts)
        expect(await stores.b.backups.part(user, head.upload, number)).toStrictEqual(data);
      expect(await stores.b.backups.part(user, head.upload, 3)).toBeUndefined();
      expect(await stores.b.backups.part(user, bytes(16), 0)).toBeUndefined();
      expect(await stores.b.backups.head(anyUserId())).toBeUndefined();
    });

    it('commits nothing of which parts are missing', async () => {
      await using stores = await open();
      const user = anyUserId();
      const { head, parts } = made(1, 2);
      for (const part of parts.slice(1)) await stores.a.backups.putPart(user, part, later);
      expect(await stores.a.backups.commit(user, head, 0)).toBe('conflict');
      expect(await stores.b.backups.head(user)).toBeUndefined();
    });

    it('puts a version in the place of the one that its maker had seen, and of no other', async () => {
      await using stores = await open();
      const user = anyUserId();
      const [first, second, rival] = [made(1, 2), made(2, 1), made(2, 1)];
      for (const { parts } of [first, second, rival])
        for (const part of parts) await stores.a.backups.putPart(user, part, later);
      expect(await stores.a.backups.commit(user, first.head, 0)).toBe('stored');
      expect(await stores.b.backups.commit(user, second.head, 1)).toBe('stored');
      expect(await stores.a.backups.commit(user, rival.head, 1)).toBe('conflict');
      expect(await stores.a.backups.commit(user, rival.head, 0)).toBe('conflict');
      expect(await stores.a.backups.head(user)).toStrictEqual(second.head);
      expect(await stores.b.backups.part(user, second.head.upload, 0)).toStrictEqual(second.parts[0]?.data);
      expect(await stores.b.backups.part(user, first.head.upload, 0)).toBeUndefined();
    });

    it('stores a part, and commits a version, once however often it is asked', async () => {
      await using stores = await open();
      const user = anyUserId();
      const { head, parts } = made(1, 1);
      for (const part of [...parts, ...parts]) await stores.a.backups.putPart(user, part, later);
      const outcomes = await Promise.all(
        [stores.a, stores.b].map(({ backups }) => backups.commit(user, head, 0)),
      );
      expect([...outcomes, await stores.b.backups.commit(user, head, 0)]).toStrictEqual([
        'stored',
        'stored',
        'stored',
      ]);
      expect(await stores.b.backups.part(user, head.upload, 0)).toStrictEqual(parts[0]?.data);
    });

    it('of two that commit in the place of one version stores one, whole', async () => {
      await using stores = await open();
      const user = anyUserId();
      for (let race = 0, before = 0; race < 10; race += 1) {
        const rivals = [made(before + 1, 2), made(before + 1, 2)];
        for (const { parts } of rivals)
          for (const part of parts) await stores.a.backups.putPart(user, part, later);
        const outcomes = await Promise.all(
          rivals.map(({ head }, at) => (at === 0 ? stores.a : stores.b).backups.commit(user, head, before)),
        );
        expect([...outcomes].sort()).toStrictEqual(['conflict', 'stored']);
        const winner = rivals[outcomes.indexOf('stored')];
        expect(await stores.a.backups.head(user)).toStrictEqual(winner?.head);
        for (const { upload, number, data } of winner?.parts ?? [])
          expect(await stores.b.backups.part(user, upload, number)).toStrictEqual(data);
        before += 1;
      }
    });

    it('removes everything of a user, and of nobody else', async () => {
      await using stores = await open();
      const [user, other] = [anyUserId(), anyUserId()];
      const { head, parts } = made(1, 2);
      for (const each of [user, other]) {
        for (const part of parts) await stores.a.backups.putPart(each, part, later);
        await stores.a.backups.commit(each, head, 0);
      }
      await stores.b.backups.remove(user);
      await stores.b.backups.remove(user);
      expect(await stores.a.backups.head(user)).toBeUndefined();
      expect(await stores.a.backups.part(user, head.upload, 0)).toBeUndefined();
      expect(await stores.a.backups.head(other)).toStrictEqual(head);
      expect(await stores.a.backups.part(other, head.upload, 1)).toStrictEqual(parts[1]?.data);
    });

    it('is unavailable after it was closed', async () => {
      await using stores = await open();
      const { backups } = stores.a;
      await stores.a.close();
      const user = anyUserId();
      const { head, parts } = made(1, 1);
      for (const part of parts) await expect(backups.putPart(user, part, later)).rejects.toThrow(Unavailable);
      await expect(backups.commit(user, head, 0)).rejects.toThrow(Unavailable);
      await expect(backups.head(user)).rejects.toThrow(Unavailable);
      await expect(backups.part(user, head.upload, 0)).rejects.toThrow(Unavailable);
      await expect(backups.remove(user)).rejects.toThrow(Unavailable);
    });
  });
}
