import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  DATA_KEY_BYTES,
  type KeyContent,
  packKeyContent,
  parseKeyContent,
} from '../sdk/storage/key-content.ts';
import type { AccountKeys, KeyStore } from '../sdk/storage/storage.ts';
import { replacePrivateFile } from './private-files.ts';
import { type DerivedKey, type SealingKey, seal, sealingKeyOf } from './sealed-file.ts';
import { naming } from './unwritable.ts';

/** The content of a new key file, with a data key of its own. */
export function newKeyFile(account: AccountKeys, passphrase: string | undefined): Promise<Uint8Array> {
  const dataKey = new Uint8Array(randomBytes(DATA_KEY_BYTES));
  return seal('keys', packKeyContent({ account, dataKey }), passphrase);
}

/** Runs one synchronous step while no other process runs one. */
export type Exclusively = <T>(step: () => T) => Promise<T>;

/**
 * The key file of an opened account. It is only ever replaced as a whole, by one that holds all that it held: what is
 * there is the old file or the new one, whatever dies when.
 */
export class KeyFile {
  readonly path: string;
  readonly #key: SealingKey;
  readonly account: AccountKeys;
  readonly dataKey: Uint8Array;
  /** A state was once beside this file. */
  readonly hasState: boolean;

  private constructor(path: string, key: SealingKey, content: KeyContent) {
    this.path = path;
    this.#key = key;
    this.account = content.account;
    this.dataKey = content.dataKey;
    this.hasState = content.state === true;
  }

  static open(path: string, file: Uint8Array, opening: string | DerivedKey | undefined): Promise<KeyFile> {
    const work = async (): Promise<KeyFile> => {
      const key = await sealingKeyOf('keys', file, opening);
      return new KeyFile(path, key, parseKeyContent(key.unseal(file)));
    };
    return naming(path, work());
  }

  /** The keys in it, for all processes that hold `exclusively` before they change them. */
  store(exclusively: Exclusively): KeyStore {
    return {
      load: async () => this.#contentOf(await readFile(this.path)).account,
      update: (change) =>
        exclusively(() => {
          const content = this.#contentOf(readFileSync(this.path));
          const stored = content.account;
          const account = change(stored);
          if (account !== stored) this.#replace({ ...content, account });
          return account;
        }),
    };
  }

  /** From now on the file says that there is a state. */
  noteState(exclusively: Exclusively): Promise<void> {
    return exclusively(() => {
      const content = this.#contentOf(readFileSync(this.path));
      if (content.state !== true) this.#replace({ ...content, state: true });
    });
  }

  #replace(content: KeyContent): void {
    replacePrivateFile(this.path, this.#key.seal(packKeyContent(content)));
  }

  #contentOf(file: Uint8Array): KeyContent {
    return parseKeyContent(this.#key.unseal(file));
  }
}
