import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open, type RootDatabase } from 'lmdb';
import { concatBytes, utf8 } from '../../src/protocol/bytes.ts';
import { ConclaveError } from '../sdk/errors.ts';
import {
  STATE_VALUE_BYTES_MAX,
  type StateChange,
  type StateStore,
  type StateTable,
} from '../sdk/state-store.ts';
import { makeFilePrivate } from './private-files.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Records in one LMDB environment, which several processes may have open; its writer lock ends with the process that
 * holds it. Values are encrypted under the data key of the key file and bound to their place: a value moved to another
 * key does not open.
 */
export class LmdbState implements StateStore {
  readonly #database: RootDatabase<Uint8Array, string>;
  readonly #dataKey: Uint8Array;

  private constructor(database: RootDatabase<Uint8Array, string>, dataKey: Uint8Array) {
    this.#database = database;
    this.#dataKey = dataKey;
  }

  /** `path` is the data file; its lock file stands beside it. */
  static async open(path: string, dataKey: Uint8Array): Promise<LmdbState> {
    const database = open<Uint8Array, string>({
      path,
      noSubdir: true,
      encoding: 'binary',
      // A resolved write is on the disk, not on its way.
      overlappingSync: false,
    });
    await makeFilePrivate(path);
    await makeFilePrivate(`${path}-lock`);
    return new LmdbState(database, dataKey);
  }

  get(table: StateTable, key: string): Promise<Uint8Array | undefined> {
    return attempt(() => this.#read(table, key));
  }

  list(table: StateTable): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]> {
    return attempt(() => {
      const start = `${table}/`;
      const records: { readonly key: string; readonly value: Uint8Array }[] = [];
      for (const place of this.#database.getKeys({ start, end: `${table}0` })) {
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

  close(): Promise<void> {
    return this.#database.close();
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

/** Reads are synchronous; what they throw comes as a rejection like everywhere else. */
function attempt<T>(read: () => T): Promise<T> {
  return new Promise((resolve) => resolve(read()));
}
