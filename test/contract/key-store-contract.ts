import { beforeAll, describe, expect, test } from 'vitest';
import { newAccountKeys } from '../../client/sdk/index.ts';
import { loadOwnAccount, nextIdentity } from '../../client/sdk/people/own-account.ts';
import type { AccountKeys, KeyStore, OwnIdentity } from '../../client/sdk/storage/storage.ts';

export interface KeyStoreUnderTest extends AsyncDisposable {
  readonly store: KeyStore;
  /** Another handle on the same keys, as another process has it; the store itself where nobody else can have one. */
  readonly other: KeyStore;
}

/** What every store of an account's keys has to do. */
export function keyStoreContract(
  name: string,
  open: (account: AccountKeys) => Promise<KeyStoreUnderTest>,
): void {
  describe(`a store of keys (${name})`, () => {
    let ada: AccountKeys;
    let next: OwnIdentity;
    let after: OwnIdentity;
    beforeAll(async () => {
      ada = await newAccountKeys('Ada');
      next = await nextIdentity(await loadOwnAccount(ada), 2);
      after = await nextIdentity(await loadOwnAccount({ ...ada, identities: [...ada.identities, next] }), 3);
    });

    test('gives the keys back as they are, with and without keys that wait', async () => {
      await using opened = await open(ada);
      const { store } = opened;
      expect(await store.load()).toEqual(ada);
      const waiting = { ...ada, pending: next };
      expect(await store.update((stored) => ({ ...stored, pending: next }))).toEqual(waiting);
      expect(await store.load()).toEqual(waiting);
      const rotated = { name: ada.name, identities: [...ada.identities, next] };
      expect(await store.update(() => rotated)).toEqual(rotated);
      expect(await store.load()).toEqual(rotated);
    });

    test('shows a resolved change to every handle, and loses none that are made at once', async () => {
      await using opened = await open(ada);
      const { store, other } = opened;
      const append = (through: KeyStore, identity: OwnIdentity): Promise<AccountKeys> =>
        through.update((stored) => ({ ...stored, identities: [...stored.identities, identity] }));
      await Promise.all([append(store, next), append(other, after)]);
      for (const handle of [store, other]) expect((await handle.load()).identities).toHaveLength(3);
    });

    test('keeps what it had when a change throws or changes nothing', async () => {
      await using opened = await open(ada);
      const { store } = opened;
      const failing = store.update(() => {
        throw new Error('this change fails');
      });
      await expect(failing).rejects.toThrow('this change fails');
      expect(await store.update((stored) => stored)).toEqual(ada);
      expect(await store.load()).toEqual(ada);
    });

    test('shares no bytes with its callers', async () => {
      await using opened = await open(ada);
      const { store } = opened;
      const own = structuredClone(next);
      await store.update((stored) => ({ ...stored, pending: own }));
      own.keys.ed25519.fill(0);
      (await store.load()).pending?.keys.ed25519.fill(0);
      await store.update((stored) => {
        stored.pending?.keys.ed25519.fill(0);
        return stored;
      });
      expect((await store.load()).pending).toEqual(next);
    });
  });
}
