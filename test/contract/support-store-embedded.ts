import { openTemporaryStores } from '../support/ports/temporary-stores.ts';
import type { StoreLimits, StorePair } from './support-store.ts';

/** One process uses a data directory, so both nodes of the pair are the same. */
export async function openEmbeddedPair(limits: StoreLimits = {}): Promise<StorePair> {
  const stores = await openTemporaryStores(limits);
  return { a: stores, b: stores, [Symbol.asyncDispose]: stores[Symbol.asyncDispose] };
}
