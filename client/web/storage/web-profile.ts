import { sameBytes } from '../../../src/protocol/bytes.ts';
import { foldName, parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import { hkdfSha256, randomBytes } from '../../crypto/web-crypto.ts';
import { localError } from '../../sdk/errors.ts';
import {
  type AccountContent,
  contentOf,
  packContent,
  parseContent,
  writeRecords,
} from '../../sdk/storage/account-content.ts';
import {
  DATA_KEY_BYTES,
  type KeyContent,
  packKeyContent,
  parseKeyContent,
} from '../../sdk/storage/key-content.ts';
import { readSealed } from '../../sdk/storage/sealed-form.ts';
import { unshared } from '../../sdk/storage/sharing.ts';
import { migrateState } from '../../sdk/storage/state-version.ts';
import type { AccountKeys, AccountStorage, KeyStore } from '../../sdk/storage/storage.ts';
import {
  ACCOUNT_STORES,
  type AccountPlace,
  below,
  DURABLE,
  type StoredAccount,
  type WebDatabase,
} from './database.ts';
import { RecordCipher } from './record-cipher.ts';
import { Sealing } from './sealing.ts';
import { WebChains } from './web-chains.ts';
import { WebMessageCache } from './web-message-cache.ts';
import { WebState } from './web-state.ts';

const CACHE_KEY_INFO = new TextEncoder().encode('conclave message cache');

/**
 * Accounts in a browser: the key file of each, sealed under its passphrase, and the records beside it, sealed under a key in
 * that file. Everything rejects with ConclaveError:
 * `no_profile`, `profile_exists`, `wrong_passphrase`.
 */
export class WebProfile {
  readonly #database: WebDatabase;

  constructor(database: WebDatabase) {
    this.#database = database;
  }

  /** Users with keys for this server, the one that was used last first. */
  async users(origin: Origin): Promise<readonly UserName[]> {
    const ofServer = IDBKeyRange.bound(`${origin} `, `${origin} \x7f`);
    const accounts = await this.#database.getAll('accounts', ofServer);
    return accounts.sort((a, b) => b.usedAt - a.usedAt).flatMap(({ name }) => parseUserName(name) ?? []);
  }

  async hasKeys(origin: Origin, name: UserName): Promise<boolean> {
    return (await this.#database.getKey('accounts', placeOf(origin, name))) !== undefined;
  }

  async needsPassphrase(origin: Origin, name: UserName): Promise<boolean> {
    return readSealed('keys', await this.#file(origin, name)).header.isProtected;
  }

  /** Rejects with `wrong_passphrase` when it does not open the keys of this name. */
  async checkPassphrase(origin: Origin, name: UserName, typed: string): Promise<void> {
    const file = await this.#file(origin, name);
    const sealing = await Sealing.of('keys', file, typed);
    (await sealing.unseal(file)).fill(0);
  }

  /** Keeps the keys of a new account. Rejects with `profile_exists`, and changes nothing, when there are keys of that name. */
  create(origin: Origin, account: AccountKeys, passphrase: string | undefined): Promise<void> {
    return this.import(origin, { account, records: [] }, passphrase);
  }

  /** Takes an account that arrived, under a passphrase. Keys come last: without their pins they would trust whoever comes first. */
  async import(
    origin: Origin,
    { account, records }: AccountContent,
    passphrase: string | undefined,
  ): Promise<void> {
    const place = placeOf(origin, account.name);
    const taken = localError('profile_exists', 'keys_exist', { user: account.name, server: origin });
    if (await this.hasKeys(origin, account.name)) throw taken;
    const dataKey = randomBytes(DATA_KEY_BYTES);
    const sealing = await Sealing.new('keys', passphrase);
    const file = await sealing.seal(packKeyContent({ account, dataKey, state: true }));
    await this.#clear(place);
    const state = new WebState(this.#database, place, await RecordCipher.of(dataKey));
    await migrateState(state, () => Promise.resolve());
    await writeRecords(records, state);
    const transaction = this.#database.transaction('accounts', 'readwrite', DURABLE);
    const isTaken = (await transaction.store.getKey(place)) !== undefined;
    if (!isTaken) await transaction.store.put({ name: account.name, file, usedAt: Date.now() }, place);
    await transaction.done;
    if (isTaken) throw taken;
  }

  async open(origin: Origin, name: UserName, passphrase: string | undefined): Promise<AccountStorage> {
    const place = placeOf(origin, name);
    const file = await this.#file(origin, name);
    const sealing = await Sealing.of('keys', file, passphrase);
    const { account, dataKey } = parseKeyContent(await sealing.unseal(file));
    const cacheKey = await hkdfSha256(dataKey, new Uint8Array(0), CACHE_KEY_INFO, DATA_KEY_BYTES);
    const state = new WebState(this.#database, place, await RecordCipher.of(dataKey));
    await migrateState(state, () => Promise.resolve());
    await this.#used(place);
    return {
      ...{ account, state, keys: this.#keys(place, sealing), sharing: unshared },
      chains: new WebChains(this.#database, place),
      cache: new WebMessageCache(this.#database, place, await RecordCipher.of(cacheKey)),
    };
  }

  /** Removes everything that is kept of an account. */
  async discard(origin: Origin, name: UserName): Promise<void> {
    const place = placeOf(origin, name);
    await this.#database.delete('accounts', place);
    await this.#clear(place);
  }

  /** The content of a file as the command line's `export` writes it. */
  async export(account: AccountStorage, passphrase: string | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const sealing = await Sealing.new('export', passphrase);
    return sealing.seal(packContent(await contentOf(account, 'device')));
  }

  async openExport(file: Uint8Array, passphrase: string | undefined): Promise<AccountContent> {
    const sealing = await Sealing.of('export', file, passphrase);
    return parseContent(await sealing.unseal(file));
  }

  /** A change is written only if the file is still the one that it was given. */
  #keys(place: AccountPlace, sealing: Sealing): KeyStore {
    const load = async (): Promise<{ readonly stored: StoredAccount; readonly content: KeyContent }> => {
      const stored = await this.#database.get('accounts', place);
      if (stored === undefined) throw localError('no_profile', 'key_file_replaced');
      return { stored, content: parseKeyContent(await sealing.unseal(stored.file)) };
    };
    return {
      load: async () => (await load()).content.account,
      update: async (change) => {
        for (;;) {
          const { stored, content } = await load();
          const account = change(content.account);
          if (account === content.account) break;
          const file = await sealing.seal(packKeyContent({ ...content, account }));
          if (await this.#replace(place, stored.file, file)) break;
        }
        return (await load()).content.account;
      },
    };
  }

  /** False: the file is no longer what it was. */
  async #replace(place: AccountPlace, before: Uint8Array, file: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const transaction = this.#database.transaction('accounts', 'readwrite', DURABLE);
    const stored = await transaction.store.get(place);
    const isSame = stored !== undefined && sameBytes(stored.file, before);
    if (isSame) await transaction.store.put({ ...stored, file }, place);
    await transaction.done;
    return isSame;
  }

  async #file(origin: Origin, name: UserName): Promise<Uint8Array> {
    const stored = await this.#database.get('accounts', placeOf(origin, name));
    if (stored === undefined) throw localError('no_profile', 'no_keys', { user: name, server: origin });
    return stored.file;
  }

  async #used(place: AccountPlace): Promise<void> {
    const transaction = this.#database.transaction('accounts', 'readwrite');
    const stored = await transaction.store.get(place);
    if (stored !== undefined) await transaction.store.put({ ...stored, usedAt: Date.now() }, place);
    await transaction.done;
  }

  async #clear(place: AccountPlace): Promise<void> {
    const transaction = this.#database.transaction([...ACCOUNT_STORES, 'sizes'] as const, 'readwrite');
    for (const store of ACCOUNT_STORES) await transaction.objectStore(store).delete(below(place));
    await transaction.objectStore('sizes').delete(place);
    await transaction.done;
  }
}

function placeOf(origin: Origin, name: UserName): AccountPlace {
  return `${origin} ${foldName(name)}`;
}
