import { sameBytes } from '../../../src/protocol/bytes.ts';
import { localError } from '../../sdk/errors.ts';
import {
  checkLimits,
  type StateChange,
  type StateStore,
  type StateTable,
} from '../../sdk/storage/state-store.ts';
import { KeyedTurns } from '../../sdk/turns.ts';
import { type AccountPlace, DURABLE, type WebDatabase } from './database.ts';
import type { RecordCipher } from './record-cipher.ts';

/** Above every character of a key. */
const AFTER_PRINTABLE = '\x7f';

/**
 * Records of one account. Values are encrypted and bound to their place. A transaction of IndexedDB ends while a browser
 * encrypts, so a change is made before it, and written only if the record is still what the change was given.
 */
export class WebState implements StateStore {
  readonly #database: WebDatabase;
  readonly #account: AccountPlace;
  readonly #cipher: RecordCipher;
  readonly #turns = new KeyedTurns<string>();

  constructor(database: WebDatabase, account: AccountPlace, cipher: RecordCipher) {
    this.#database = database;
    this.#account = account;
    this.#cipher = cipher;
  }

  async get(table: StateTable, key: string): Promise<Uint8Array | undefined> {
    return this.#opened(table, key, await this.#database.get('state', [this.#account, table, key]));
  }

  async list(
    table: StateTable,
    start = '',
  ): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]> {
    const range = IDBKeyRange.bound(
      [this.#account, table, start],
      [this.#account, table, `${start}${AFTER_PRINTABLE}`],
    );
    const transaction = this.#database.transaction('state');
    const [keys, values] = await Promise.all([
      transaction.store.getAllKeys(range),
      transaction.store.getAll(range),
    ]);
    return Promise.all(
      keys.map(async ([, , key], i) => {
        const value = await this.#opened(table, key, values[i]);
        if (value === undefined) throw localError('no_profile', 'state_of_others');
        return { key, value };
      }),
    );
  }

  update<T>(
    table: StateTable,
    key: string,
    change: (current: Uint8Array | undefined) => StateChange<T>,
  ): Promise<T> {
    return this.#turns.run(`${table}/${key}`, async () => {
      for (;;) {
        const stored = await this.#database.get('state', [this.#account, table, key]);
        const { value, result } = change(await this.#opened(table, key, stored));
        if (value === undefined) return result;
        if (value !== 'deleted') checkLimits(key, value);
        const sealed = value === 'deleted' ? undefined : await this.#cipher.seal(placeOf(table, key), value);
        if (await this.#replace(table, key, stored, sealed)) return result;
      }
    });
  }

  /** False: it is no longer what it was. */
  async #replace(
    table: StateTable,
    key: string,
    before: Uint8Array | undefined,
    after: Uint8Array | undefined,
  ): Promise<boolean> {
    const transaction = this.#database.transaction('state', 'readwrite', DURABLE);
    const place = IDBKeyRange.only([this.#account, table, key]);
    const now = await transaction.store.get(place);
    const isSame = now === undefined || before === undefined ? now === before : sameBytes(now, before);
    if (isSame && after === undefined) await transaction.store.delete(place);
    else if (isSame && after !== undefined) await transaction.store.put(after, [this.#account, table, key]);
    await transaction.done;
    return isSame;
  }

  async #opened(
    table: StateTable,
    key: string,
    sealed: Uint8Array | undefined,
  ): Promise<Uint8Array | undefined> {
    if (sealed === undefined) return undefined;
    const value = await this.#cipher.open(placeOf(table, key), sealed);
    if (value === undefined) throw localError('no_profile', 'state_of_others');
    return value;
  }
}

function placeOf(table: StateTable, key: string): string {
  return `${table}/${key}`;
}
