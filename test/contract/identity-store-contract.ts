import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import {
  anyAccount,
  anyUserId,
  anyUserName,
  byteArraysIn,
  bytes,
  type OpenStores,
  type StorePair,
} from './support-store.ts';

/** What every identity store promises: src/ports/identity-store.ts. */
export function identityStoreContract(name: string, open: OpenStores): void {
  describe(`identity store of ${name}`, () => {
    let stores: StorePair;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(async () => {
      await stores[Symbol.asyncDispose]();
    });

    it('keeps an account, found by name and by id from another node', async () => {
      const account = anyAccount();
      expect(await stores.a.identities.create(account)).toBe('created');
      expect(await stores.b.identities.byName(account.folded)).toEqual(account);
      expect(await stores.b.identities.byIds([account.user])).toEqual([account]);
    });

    it('knows nothing of names and ids that nobody has', async () => {
      const account = anyAccount();
      await stores.a.identities.create(account);
      expect(await stores.a.identities.byName(foldName(anyUserName()))).toBeUndefined();
      expect(await stores.a.identities.byIds([anyUserId(), account.user, anyUserId()])).toEqual([account]);
      expect(await stores.a.identities.byIds([])).toEqual([]);
    });

    it('gives a name once without regard to case, and the loser leaves no trace', async () => {
      const account = anyAccount();
      await stores.a.identities.create(account);
      const shouted = parseUserName(account.name.toUpperCase());
      const loser = anyAccount(shouted === undefined ? {} : { name: shouted });
      expect(await stores.b.identities.create(loser)).toBe('name_taken');
      expect(await stores.b.identities.byName(account.folded)).toEqual(account);
      expect(await stores.a.identities.byIds([loser.user])).toEqual([]);
      expect(await stores.a.identities.chain(loser.user, 0, 10)).toEqual([]);
    });

    it('gives a name to one of many who ask at once', async () => {
      const wanted = anyUserName();
      const rivals = Array.from({ length: 10 }, () => anyAccount({ name: wanted }));
      const outcomes = await Promise.all(
        rivals.map((rival, index) => (index % 2 === 0 ? stores.a : stores.b).identities.create(rival)),
      );
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      const holder = await stores.a.identities.byName(foldName(wanted));
      expect(holder).toEqual(rivals[outcomes.indexOf('created')]);
    });

    it('keeps the name of a closed account', async () => {
      const closed = anyAccount({ closed: true });
      await stores.a.identities.create(closed);
      expect(await stores.b.identities.byName(closed.folded)).toEqual(closed);
      expect(await stores.b.identities.create(anyAccount({ name: closed.name }))).toBe('name_taken');
    });

    it('answers the chain of documents from a sequence on, up to a limit', async () => {
      const account = anyAccount({ sequence: 3 });
      await stores.a.identities.create(account);
      expect(await stores.b.identities.chain(account.user, 0, 10)).toEqual([account.identity]);
      expect(await stores.b.identities.chain(account.user, 3, 10)).toEqual([account.identity]);
      expect(await stores.b.identities.chain(account.user, 4, 10)).toEqual([]);
      expect(await stores.b.identities.chain(account.user, 0, 0)).toEqual([]);
      expect(await stores.b.identities.chain(anyUserId(), 0, 10)).toEqual([]);
    });

    it('raises a revocation and never lowers it', async () => {
      const user = anyUserId();
      const now = Date.now();
      const held = async () =>
        (await stores.b.identities.revocations(0)).filter((revocation) => revocation.user === user);
      await stores.a.identities.revoke({ user, notBefore: now });
      expect(await held()).toEqual([{ user, notBefore: now }]);
      await stores.a.identities.revoke({ user, notBefore: now - 5 });
      expect(await held()).toEqual([{ user, notBefore: now }]);
      await stores.a.identities.revoke({ user, notBefore: now + 5 });
      expect(await held()).toEqual([{ user, notBefore: now + 5 }]);
    });

    it('keeps the highest of revocations that come at once', async () => {
      const user = anyUserId();
      const times = [5, 3, 9, 1, 7].map((ms) => Date.now() + ms);
      await Promise.all(
        times.map((notBefore, index) =>
          (index % 2 === 0 ? stores.a : stores.b).identities.revoke({ user, notBefore }),
        ),
      );
      const all = await stores.a.identities.revocations(0);
      expect(all.filter((one) => one.user === user)).toEqual([{ user, notBefore: Math.max(...times) }]);
    });

    it('answers the revocations from a time on, that time included', async () => {
      const before = { user: anyUserId(), notBefore: 4_000_000_000_000 };
      const at = { user: anyUserId(), notBefore: 4_000_000_000_001 };
      const after = { user: anyUserId(), notBefore: 4_000_000_000_002 };
      for (const revocation of [before, at, after]) await stores.a.identities.revoke(revocation);
      const found = await stores.b.identities.revocations(at.notBefore);
      expect(found).toHaveLength(2);
      expect(found).toEqual(expect.arrayContaining([at, after]));
    });

    it('shares no bytes with its callers', async () => {
      const account = anyAccount();
      const document = bytes(300);
      const kept = document.slice();
      await stores.a.identities.create({ ...account, identity: { ...account.identity, document } });
      document.fill(0);
      const first = await stores.a.identities.byName(account.folded);
      expect(first?.identity.document).toEqual(kept);
      for (const array of byteArraysIn(first)) {
        expect(Object.getPrototypeOf(array)).toBe(Uint8Array.prototype);
        expect(array.buffer.byteLength).toBe(array.length);
        array.fill(0);
      }
      expect((await stores.a.identities.byName(account.folded))?.identity.document).toEqual(kept);
    });

    it('is unavailable after it was closed', async () => {
      await using closed = await open();
      const { identities } = closed.a;
      await closed.a.close();
      const calls = [
        identities.create(anyAccount()),
        identities.byName(foldName(anyUserName())),
        identities.byIds([anyUserId()]),
        identities.chain(anyUserId(), 0, 1),
        identities.revoke({ user: anyUserId(), notBefore: 1 }),
        identities.revocations(0),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) });
      }
    });
  });
}
