import { indexedDbContracts } from './indexed-db-contracts.ts';
import { keptKeysTests } from './kept-keys-tests.ts';
import { runInPage } from './run-in-page.ts';

runInPage('stores', () => {
  indexedDbContracts();
  keptKeysTests();
});
