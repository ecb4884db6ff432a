import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { concatBytes, utf8 } from '../../src/protocol/bytes.ts';
import { ConclaveError } from '../sdk/errors.ts';
import {
  STATE_VALUE_BYTES_MAX,
  type StateChange,
  type StateStore,
  type StateTable,
} from '../sdk/state-store.ts';
import type { ChainDatabase } from './lmdb-chains.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Records in the environment of one account. Values are encrypted under the data key of the key file and bound to their
 * place: a value moved to another key does not open.
 */
export class LmdbState implements StateStore {
  readonly #database: ChainDatabase;
  readonly #dataKey: Uint8Array;

  constructor(database: ChainDatabase, dataKey: Uint8Array) {
    this.#database = database;
    this.#dataKey = dataKey;
  }

  get(table: StateTable, key: string): Promise<Uint8Array | undefined> {
    return this.#snapshot(() => this.#read(table, key));
  }

  list(table: StateTable): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]> {
    return this.#snapshot(() => {
      const start = `${table}/`;
      const records: { readonly key: string; readonly value: Uint8Array }[] = [];
      for (const place of this.#database.getKeys({ start, end: `${table}0` })) {
        if (typeof place !== 'string') continue;
        const key = place.slice(start.length);
        const value = this.#read(table, key);
        if (value !== undefined) records.push({ key, value });
      }
      return records;
    });
  }

  update<T>(
    table: StateTable,
    key: string,
    change: (current: Uint8Array | undefined) => StateChange<T>,
  ): Promise<T> {
    return this.#database.transaction(() => {
      const place = `${table}/${key}`;
      const { value, result } = change(this.#read(table, key));
      if (value === 'deleted') this.#database.removeSync(place);
      else if (value !== undefined) this.#database.putSync(place, this.#seal(place, value));
      return result;
    });
  }

  /** Sees what other processes wrote before; what a read throws comes as a rejection like everywhere else. */
  #snapshot<T>(read: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#database.resetReadTxn();
      resolve(read());
    });
  }

  #read(table: StateTable, key: string): Uint8Array | undefined {
    const place = `${table}/${key}`;
    const sealed = this.#database.get(place);
    return sealed === undefined ? undefined : this.#unseal(place, sealed);
  }

  #seal(place: string, value: Uint8Array): Buffer {
    if (value.length > STATE_VALUE_BYTES_MAX)
      throw new RangeError(`a record has at most ${STATE_VALUE_BYTES_MAX} bytes`);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#dataKey, nonce);
    cipher.setAAD(utf8(place));
    return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  }

  #unseal(place: string, sealed: Uint8Array): Uint8Array {
    const decipher = createDecipheriv('aes-256-gcm', this.#dataKey, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(utf8(place));
    try {
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      return concatBytes(
        decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)),
        decipher.final(),
      );
    } catch (error) {
      throw new ConclaveError(
        'no_profile',
        'the state beside the key file is damaged, or belongs to other keys',
        { cause: error },
      );
    }
  }
}
