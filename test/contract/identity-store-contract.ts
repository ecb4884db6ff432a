import { describe, expect, it } from 'vitest';
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
import { withStores } from './support-store-pair.ts';

/** What every identity store promises: src/ports/identity-store.ts. */
export function identityStoreContract(name: string, open: OpenStores): void {
  describe(`identity store of ${name}`, () => {
    let stores: StorePair;
    withStores(open, (pair) => {
      stores = pair;
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

    it('disables an account and enables it again, with nothing else about it changed', async () => {
      const [account, other] = [anyAccount(), anyAccount()];
      for (const each of [account, other]) await stores.a.identities.create(each);
      for (const disabled of [true, true, false, true]) {
        await stores.a.identities.setDisabled(account.user, disabled);
        expect(await stores.b.identities.byName(account.folded)).toEqual({ ...account, disabled });
      }
      const signed = { document: bytes(300), signatures: bytes(640) };
      const next = { user: account.user, sequence: account.sequence + 1, identity: signed, at: Date.now() };
      expect(await stores.b.identities.replace(next)).toBe('replaced');
      expect(await stores.a.identities.byIds([account.user])).toMatchObject([
        { disabled: true, closed: false },
      ]);
      await stores.a.identities.setDisabled(anyUserId(), true);
      expect(await stores.b.identities.byIds([other.user])).toEqual([other]);
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

    it('puts a document in the place of the one before, and answers the whole chain', async () => {
      const account = anyAccount({ sequence: 0 });
      await stores.a.identities.create(account);
      const identities = [account.identity, ...[1, 2, 3].map(() => anyAccount().identity)];
      for (const [sequence, identity] of identities.entries()) {
        if (sequence === 0) continue;
        const store = sequence % 2 === 0 ? stores.a : stores.b;
        const outcome = await store.identities.replace({
          user: account.user,
          sequence,
          identity,
          at: sequence,
        });
        expect(outcome).toBe('replaced');
      }
      const present = { ...account, sequence: 3, identity: identities[3], behindSince: 3 };
      expect(await stores.b.identities.byIds([account.user])).toEqual([present]);
      expect(await stores.b.identities.byName(account.folded)).toEqual(present);
      expect(await stores.a.identities.chain(account.user, 0, 10)).toEqual(identities);
      expect(await stores.a.identities.chain(account.user, 1, 2)).toEqual(identities.slice(1, 3));
      expect(await stores.a.identities.chain(account.user, 3, 10)).toEqual(identities.slice(3));
      expect(await stores.a.identities.chain(account.user, 4, 10)).toEqual([]);
    });

    it('replaces only the document before, of an account that is open', async () => {
      const account = anyAccount({ sequence: 4 });
      await stores.a.identities.create(account);
      const { identity } = anyAccount();
      for (const sequence of [0, 3, 4, 6]) {
        const outcome = await stores.b.identities.replace({ user: account.user, sequence, identity, at: 1 });
        expect(outcome).toBe('conflict');
      }
      const stranger = { user: anyUserId(), sequence: 5, identity, at: 1 };
      expect(await stores.a.identities.replace(stranger)).toBe('conflict');
      await stores.a.identities.close(account.user, 1);
      const late = { user: account.user, sequence: 5, identity, at: 2 };
      expect(await stores.b.identities.replace(late)).toBe('conflict');
      expect(await stores.b.identities.chain(account.user, 0, 10)).toEqual([account.identity]);
    });

    it('lets one of many documents that come at once take the place, and keeps no trace of the others', async () => {
      const account = anyAccount({ sequence: 0 });
      await stores.a.identities.create(account);
      const rivals = Array.from({ length: 8 }, () => anyAccount().identity);
      const outcomes = await Promise.all(
        rivals.map((identity, index) =>
          (index % 2 === 0 ? stores.a : stores.b).identities.replace({
            user: account.user,
            sequence: 1,
            identity,
            at: 5,
          }),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
      const winner = rivals[outcomes.indexOf('replaced')];
      expect(await stores.a.identities.chain(account.user, 0, 10)).toEqual([account.identity, winner]);
    });

    it('closes an account once, for ever', async () => {
      const account = anyAccount();
      await stores.a.identities.create(account);
      await stores.a.identities.close(account.user, 7);
      await stores.b.identities.close(account.user, 9);
      await stores.b.identities.close(anyUserId(), 9);
      const closed = { ...account, closed: true, behindSince: 7 };
      expect(await stores.b.identities.byName(account.folded)).toEqual(closed);
      expect(await stores.b.identities.chain(account.user, 0, 10)).toEqual([account.identity]);
      expect(await stores.a.identities.create(anyAccount({ name: account.name }))).toBe('name_taken');
    });

    it('names the accounts that are behind, longest first, until they have caught up', async () => {
      const accounts = [3, 1, 2].map((at) => ({ at, account: anyAccount({ sequence: 0 }) }));
      const { identity } = anyAccount();
      const own = accounts.map(({ account }) => account.user);
      const behind = async (limit: number) =>
        (await stores.b.identities.behind(limit)).filter(({ user }) => own.includes(user));
      for (const { at, account } of accounts) {
        await stores.a.identities.create(account);
        await stores.a.identities.replace({ user: account.user, sequence: 1, identity, at });
      }
      const found = await behind(1_000);
      expect(found.map(({ behindSince }) => behindSince)).toEqual([1, 2, 3]);
      expect(found.map(({ user }) => user)).toEqual([own[1], own[2], own[0]]);
      expect(await stores.a.identities.behind(1)).toHaveLength(1);
      expect(await stores.a.identities.behind(0)).toEqual([]);
      for (const account of found) await stores.a.identities.caughtUp(account);
      expect(await behind(1_000)).toEqual([]);
      const [first] = found;
      const { behindSince: _, ...inStep } = first ?? expect.unreachable();
      expect(await stores.b.identities.byIds([inStep.user])).toEqual([inStep]);
    });

    it('leaves an account behind that has changed since it was read', async () => {
      const account = anyAccount({ sequence: 0 });
      await stores.a.identities.create(account);
      const { identity } = anyAccount();
      await stores.a.identities.replace({ user: account.user, sequence: 1, identity, at: 5 });
      const [read] = await stores.a.identities.byIds([account.user]);
      await stores.b.identities.close(account.user, 5);
      await stores.a.identities.caughtUp(read ?? expect.unreachable());
      const closed = { ...account, sequence: 1, identity, closed: true, behindSince: 5 };
      expect(await stores.b.identities.byIds([account.user])).toEqual([closed]);
    });

    it('raises a revocation and never lowers it', async () => {
      const user = anyUserId();
      const now = Date.now();
      const held = async () => stores.b.identities.revocationsOf([user, anyUserId()]);
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
      const held = await stores.a.identities.revocationsOf([user]);
      expect(held).toEqual([{ user, notBefore: Math.max(...times) }]);
    });

    it('answers the revocations from a time on, that time included', async () => {
      const before = { user: anyUserId(), notBefore: 4_000_000_000_000 };
      const at = { user: anyUserId(), notBefore: 4_000_000_000_001 };
      const after = { user: anyUserId(), notBefore: 4_000_000_000_002 };
      for (const revocation of [before, at, after]) await stores.a.identities.revoke(revocation);
      const { identities } = stores.b;
      expect(await identities.revocations(at.notBefore, undefined, 10)).toEqual([at, after]);
      expect(await identities.revocationsOf([after.user, before.user])).toHaveLength(2);
      expect(await identities.revocationsOf([])).toEqual([]);
    });

    it('pages through revocations by time and user, each once', async () => {
      const notBefore = 4_100_000_000_000;
      const users = Array.from({ length: 7 }, anyUserId).sort();
      const all = users.map((user, index) => ({ user, notBefore: notBefore + (index < 5 ? 0 : index) }));
      for (const revocation of all.toReversed()) await stores.a.identities.revoke(revocation);
      const { identities } = stores.b;
      const first = await identities.revocations(notBefore, undefined, 3);
      const second = await identities.revocations(notBefore, first.at(-1), 3);
      const third = await identities.revocations(notBefore, second.at(-1), 3);
      expect([first, second, third].map((page) => page.length)).toEqual([3, 3, 1]);
      expect([...first, ...second, ...third]).toEqual(all);
      expect(await identities.revocations(notBefore, third.at(-1), 3)).toEqual([]);
      expect(await identities.revocations(notBefore, undefined, 0)).toEqual([]);
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
        identities.replace({ user: anyUserId(), sequence: 1, identity: anyAccount().identity, at: 1 }),
        identities.close(anyUserId(), 1),
        identities.behind(1),
        identities.caughtUp(anyAccount({ behindSince: 1 })),
        identities.revoke({ user: anyUserId(), notBefore: 1 }),
        identities.revocations(0, undefined, 1),
        identities.revocationsOf([anyUserId()]),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) });
      }
    });
  });
}
