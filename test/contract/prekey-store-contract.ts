import { describe, expect, it } from 'vitest';
import type { StoredPrekey } from '../../src/ports/prekey-store.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { type Fingerprint, parseFingerprint } from '../../src/protocol/ids.ts';
import { anyUserId, bytes, dayMs, given, type OpenStores } from './support-store.ts';

const weekMs = 7 * dayMs;
const anyFingerprint = (): Fingerprint => given(parseFingerprint(bytes(32)));

/** What every store of prekeys promises: src/ports/prekey-store.ts. */
export function prekeyStoreContract(name: string, open: OpenStores): void {
  describe(`prekey store of ${name}`, () => {
    const start = Date.now();
    const prekey = (week: number): StoredPrekey => ({
      week,
      bytes: bytes(1_364),
      notBefore: start + (week - 1) * weekMs,
      notAfter: start + week * weekMs,
    });

    it('gives the prekey of the week that it is, on any node', async () => {
      await using stores = await open();
      const [user, other] = [anyUserId(), anyUserId()];
      const prekeys = [1, 2, 3].map(prekey);
      await stores.a.prekeys.put(user, anyFingerprint(), prekeys);
      const at = async (ms: number) => (await stores.b.prekeys.current([other, user], start + ms)).get(user);
      expect(await at(-1)).toBeUndefined();
      expect(await at(0)).toStrictEqual(prekeys[0]?.bytes);
      expect(await at(weekMs - 1)).toStrictEqual(prekeys[0]?.bytes);
      expect(await at(weekMs)).toStrictEqual(prekeys[1]?.bytes);
      expect(await at(3 * weekMs - 1)).toStrictEqual(prekeys[2]?.bytes);
      expect(await at(3 * weekMs)).toBeUndefined();
    });

    it('leaves out whoever has none', async () => {
      await using stores = await open();
      const [one, other] = [anyUserId(), anyUserId()];
      await stores.a.prekeys.put(one, anyFingerprint(), [prekey(1)]);
      const found = await stores.b.prekeys.current([other, one, anyUserId()], start);
      expect([...found.keys()]).toStrictEqual([one]);
      expect(await stores.b.prekeys.current([], start)).toStrictEqual(new Map());
    });

    it('adds weeks to those of the same keys, and replaces a week that is there', async () => {
      await using stores = await open();
      const user = anyUserId();
      const fingerprint = anyFingerprint();
      const [first, second, again] = [prekey(1), prekey(2), prekey(1)];
      await stores.a.prekeys.put(user, fingerprint, [first]);
      await stores.b.prekeys.put(user, fingerprint, [second]);
      expect((await stores.a.prekeys.current([user], start)).get(user)).toStrictEqual(first.bytes);
      await stores.a.prekeys.put(user, fingerprint, [again]);
      expect((await stores.b.prekeys.current([user], start)).get(user)).toStrictEqual(again.bytes);
      expect((await stores.b.prekeys.current([user], start + weekMs)).get(user)).toStrictEqual(second.bytes);
    });

    it('forgets those of other keys of the same user, and of nobody else', async () => {
      await using stores = await open();
      const [user, other] = [anyUserId(), anyUserId()];
      const theirs = prekey(2);
      await stores.a.prekeys.put(user, anyFingerprint(), [prekey(1), prekey(2)]);
      await stores.a.prekeys.put(other, anyFingerprint(), [theirs]);
      const fresh = prekey(1);
      await stores.b.prekeys.put(user, anyFingerprint(), [fresh]);
      expect((await stores.a.prekeys.current([user], start)).get(user)).toStrictEqual(fresh.bytes);
      const later = await stores.a.prekeys.current([user, other], start + weekMs);
      expect(later).toStrictEqual(new Map([[other, theirs.bytes]]));
    });

    it('removes all of a user, and of nobody else', async () => {
      await using stores = await open();
      const [user, other] = [anyUserId(), anyUserId()];
      for (const each of [user, other]) await stores.a.prekeys.put(each, anyFingerprint(), [prekey(1)]);
      await stores.b.prekeys.remove(user);
      await stores.b.prekeys.remove(user);
      const found = await stores.a.prekeys.current([user, other], start);
      expect([...found.keys()]).toStrictEqual([other]);
    });

    it('is unavailable after it was closed', async () => {
      await using stores = await open();
      const { prekeys } = stores.a;
      await stores.a.close();
      const user = anyUserId();
      await expect(prekeys.put(user, anyFingerprint(), [prekey(1)])).rejects.toThrow(Unavailable);
      await expect(prekeys.current([user], start)).rejects.toThrow(Unavailable);
      await expect(prekeys.remove(user)).rejects.toThrow(Unavailable);
    });
  });
}
