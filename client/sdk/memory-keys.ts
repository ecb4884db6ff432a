import type { AccountKeys, KeyStore } from './storage.ts';

/** Keys that live as long as the page or the process. */
export class MemoryKeys implements KeyStore {
  #stored: AccountKeys;

  constructor(account: AccountKeys) {
    this.#stored = account;
  }

  load(): Promise<AccountKeys> {
    return Promise.resolve(this.#stored);
  }

  update(change: (stored: AccountKeys) => AccountKeys): Promise<AccountKeys> {
    this.#stored = change(this.#stored);
    return Promise.resolve(this.#stored);
  }
}
