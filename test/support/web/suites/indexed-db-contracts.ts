import { deleteDB } from 'idb';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../client/crypto/web-crypto.ts';
import { openDatabase, type WebDatabase } from '../../../../client/web/storage/database.ts';
import { RecordCipher } from '../../../../client/web/storage/record-cipher.ts';
import { WebChains } from '../../../../client/web/storage/web-chains.ts';
import { WebMessageCache } from '../../../../client/web/storage/web-message-cache.ts';
import { WebProfile } from '../../../../client/web/storage/web-profile.ts';
import { WebState } from '../../../../client/web/storage/web-state.ts';
import { parseOrigin } from '../../../../src/protocol/origin.ts';
import { chainStoreContract } from '../../../contract/chain-store-contract.ts';
import { keyStoreContract } from '../../../contract/key-store-contract.ts';
import { messageCacheContract } from '../../../contract/message-cache-contract.ts';
import { senderChainsContract } from '../../../contract/sender-chains-contract.ts';
import { stateStoreContract } from '../../../contract/state-store-contract.ts';

export const origin = parseOrigin('ws://127.0.0.1:8080') ?? expect.unreachable();
export const place = `${origin} ada`;
let opened = 0;

/** Two handles on one new database, the first one of a page of its own. */
export async function twoHandles() {
  opened += 1;
  const name = `conclave-${opened}`;
  const page = new EventTarget();
  const [one, other] = [await openDatabase(page, name), await openDatabase(new EventTarget(), name)];
  return {
    ...{ one, other, page },
    [Symbol.asyncDispose]: async () => {
      one.close();
      other.close();
      await deleteDB(name);
    },
  };
}

async function cipher(): Promise<RecordCipher> {
  return RecordCipher.of(randomBytes(32));
}

const chains = (database: WebDatabase): WebChains => new WebChains(database, place);

/** What every store of a client has to do, of those of the page: on whatever IndexedDB there is. */
export function indexedDbContracts(): void {
  describe('a page that is left', () => {
    test('undoes what it is writing, so that no other page waits for it', async () => {
      await using handles = await twoHandles();
      const { one, other, page } = handles;
      const { store } = one.transaction('sizes', 'readwrite');
      await store.put(1, 'of the page');
      // A transaction ends as soon as nothing is asked of it.
      const writing = (async () => {
        for (;;) await store.get('of the page');
      })();
      page.dispatchEvent(new Event('pagehide'));
      await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
      await other.put('sizes', 2, 'of the other');
      expect(await other.getAllKeys('sizes')).toEqual(['of the other']);
    });

    test('leaves alone what it has written', async () => {
      await using handles = await twoHandles();
      const { one, other, page } = handles;
      await one.put('sizes', 1, 'of the page');
      page.dispatchEvent(new Event('pagehide'));
      expect(await other.getAllKeys('sizes')).toEqual(['of the page']);
    });
  });

  stateStoreContract('IndexedDB', async () => {
    const { one, other, ...database } = await twoHandles();
    const key = await cipher();
    return { store: new WebState(one, place, key), other: new WebState(other, place, key), ...database };
  });

  chainStoreContract('IndexedDB', async () => {
    const { one, other, ...database } = await twoHandles();
    return { store: chains(one), other: chains(other), ...database };
  });

  senderChainsContract('IndexedDB', async () => {
    const { one, other, ...database } = await twoHandles();
    const key = await cipher();
    const stores = { state: new WebState(one, place, key), chains: chains(one) };
    const others = { state: new WebState(other, place, key), chains: chains(other) };
    return { stores, others, ...database };
  });

  messageCacheContract('IndexedDB', async (bytesMax) => {
    const { one, other, ...database } = await twoHandles();
    const key = await cipher();
    const cache = new WebMessageCache(one, place, key, bytesMax);
    return { cache, other: new WebMessageCache(other, place, key, bytesMax), ...database };
  });

  keyStoreContract('IndexedDB', async (account) => {
    const { one, other, ...database } = await twoHandles();
    await new WebProfile(one).create(origin, account, undefined);
    const [store, second] = await Promise.all(
      [one, other].map((each) => new WebProfile(each).open(origin, account.name, undefined)),
    );
    return {
      store: store?.keys ?? expect.unreachable(),
      other: second?.keys ?? expect.unreachable(),
      ...database,
    };
  });
}
