import { openTemporaryStores } from '../support/ports/temporary-stores.ts';
import type { StorePair } from './support-store.ts';

/** One process uses a data directory, so both nodes of the pair are the same. */
export async function openEmbeddedPair(): Promise<StorePair> {
  const stores = await openTemporaryStores();
  return { a: stores, b: stores, [Symbol.asyncDispose]: stores[Symbol.asyncDispose] };
}
