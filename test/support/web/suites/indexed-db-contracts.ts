import { deleteDB } from 'idb';
import { expect } from 'vitest';
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

/** Two handles on one new database. */
export async function twoHandles() {
  opened += 1;
  const name = `conclave-${opened}`;
  const [one, other] = [await openDatabase(name), await openDatabase(name)];
  return {
    ...{ one, other },
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
