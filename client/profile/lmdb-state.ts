import { setImmediate } from 'node:timers/promises';
import { localError } from '../sdk/errors.ts';
import {
  checkLimits,
  type StateChange,
  type StateStore,
  type StateTable,
} from '../sdk/storage/state-store.ts';
import type { ChainDatabase } from './lmdb-chains.ts';
import type { LmdbUse } from './lmdb-use.ts';
import { RecordSeal } from './record-seal.ts';

/** Records that are decrypted before others have their turn. */
const LIST_SLICE = 256;
/** Above every character of a key. */
const AFTER_PRINTABLE = '\x7f';

/**
 * Records in the environment of one account. Values are encrypted under the data key of the key file and bound to their
 * place: a value moved to another key does not open.
 */
export class LmdbState implements StateStore {
  readonly #database: ChainDatabase;
  readonly #records: RecordSeal;
  readonly #use: LmdbUse;

  constructor(database: ChainDatabase, dataKey: Uint8Array, use: LmdbUse) {
    this.#database = database;
    this.#use = use;
    this.#records = new RecordSeal(dataKey);
  }

  get(table: StateTable, key: string): Promise<Uint8Array | undefined> {
    return this.#snapshot(() => this.#read(table, key));
  }

  /** All as they were at one moment. They are decrypted a slice at a time: a long list keeps nothing else from going on. */
  async list(
    table: StateTable,
    begin = '',
  ): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]> {
    const folder = `${table}/`;
    const found = await this.#snapshot(() => {
      const start = `${folder}${begin}`;
      const end = `${start}${AFTER_PRINTABLE}`;
      return [...this.#database.getKeys({ start, end })].flatMap((place) => {
        const sealed = typeof place === 'string' ? this.#database.get(place) : undefined;
        return typeof place === 'string' && sealed !== undefined ? [{ place, sealed }] : [];
      });
    });
    const records: { readonly key: string; readonly value: Uint8Array }[] = [];
    for (const { place, sealed } of found) {
      if (records.length % LIST_SLICE === LIST_SLICE - 1) await setImmediate();
      records.push({ key: place.slice(folder.length), value: this.#open(place, sealed) });
    }
    return records;
  }

  update<T>(
    table: StateTable,
    key: string,
    change: (current: Uint8Array | undefined) => StateChange<T>,
  ): Promise<T> {
    const step = (): T => {
      const place = `${table}/${key}`;
      const { value, result } = change(this.#read(table, key));
      if (value === 'deleted') this.#database.removeSync(place);
      else if (value !== undefined) {
        checkLimits(key, value);
        this.#database.putSync(place, this.#records.seal(place, value));
      }
      return result;
    };
    return this.#use.write(step);
  }

  /** Sees what other processes wrote before. */
  async #snapshot<T>(read: () => T): Promise<T> {
    this.#use.check();
    this.#database.resetReadTxn();
    return read();
  }

  #read(table: StateTable, key: string): Uint8Array | undefined {
    const place = `${table}/${key}`;
    const sealed = this.#database.get(place);
    return sealed === undefined ? undefined : this.#open(place, sealed);
  }

  #open(place: string, sealed: Uint8Array): Uint8Array {
    const value = this.#records.open(place, sealed);
    if (value !== undefined) return value;
    throw localError('no_profile', 'state_of_others');
  }
}
