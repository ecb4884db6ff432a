import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { encode } from '../../src/protocol/message-pack.ts';
import { bytes, map, type Parsed } from '../../src/protocol/shape.ts';
import type { AccountKeys, KeyStore } from '../sdk/storage/storage.ts';
import { accountOf, accountRecord, parseSealed } from './account-record.ts';
import { replacePrivateFile } from './private-files.ts';
import { type SealingKey, seal, sealingKeyOf } from './sealed-file.ts';

const DATA_KEY_BYTES = 32;

/** The account's keys, and the key that the records beside the file are encrypted with. */
const keyFile = map({ account: accountRecord, dataKey: bytes(DATA_KEY_BYTES) });

/** The content of a new key file, with a data key of its own. */
export function newKeyFile(account: AccountKeys, passphrase: string | undefined): Promise<Uint8Array> {
  const dataKey = new Uint8Array(randomBytes(DATA_KEY_BYTES));
  return seal('keys', encode(keyFile.pack({ account, dataKey })), passphrase);
}

/** Runs one synchronous step while no other process runs one. */
export type Exclusively = <T>(step: () => T) => Promise<T>;

/**
 * The key file of an opened account. It is only ever replaced as a whole, by one that holds all that it held: what is
 * there is the old file or the new one, whatever dies when.
 */
export class KeyFile {
  readonly #path: string;
  readonly #key: SealingKey;
  readonly account: AccountKeys;
  readonly dataKey: Uint8Array;

  private constructor(path: string, key: SealingKey, content: Parsed<typeof keyFile>) {
    this.#path = path;
    this.#key = key;
    this.account = accountOf(content.account);
    this.dataKey = content.dataKey;
  }

  static async open(path: string, file: Uint8Array, passphrase: string | undefined): Promise<KeyFile> {
    const key = await sealingKeyOf('keys', file, passphrase);
    return new KeyFile(path, key, parseSealed(keyFile, key.unseal(file)));
  }

  /** The keys in it, for all processes that hold `exclusively` before they change them. */
  store(exclusively: Exclusively): KeyStore {
    return {
      load: async () => this.#accountIn(await readFile(this.#path)),
      update: (change) =>
        exclusively(() => {
          const stored = this.#accountIn(readFileSync(this.#path));
          const account = change(stored);
          if (account !== stored) {
            const content = encode(keyFile.pack({ account, dataKey: this.dataKey }));
            replacePrivateFile(this.#path, this.#key.seal(content));
          }
          return account;
        }),
    };
  }

  #accountIn(file: Uint8Array): AccountKeys {
    return accountOf(parseSealed(keyFile, this.#key.unseal(file)).account);
  }
}
