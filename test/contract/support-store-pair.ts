import { afterAll, beforeAll } from 'vitest';
import type { OpenStores, StorePair } from './support-store.ts';

/** One pair for all tests of a suite: `use` gets it before the first of them, and it is closed after the last. */
export function withStores(open: OpenStores, use: (stores: StorePair) => void): void {
  let stores: StorePair;
  beforeAll(async () => {
    stores = await open();
    use(stores);
  });
  afterAll(async () => {
    await stores[Symbol.asyncDispose]();
  });
}
