import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8, utf8Text } from '../../src/protocol/bytes.ts';
import { foldName, parseUserName, type UserName } from '../../src/protocol/names.ts';
import { isLoopbackOrigin, type Origin } from '../../src/protocol/origin.ts';
import { localError } from '../sdk/errors.ts';
import { type AccountContent, writeRecords } from '../sdk/storage/account-content.ts';
import type { AccountKeys, AccountStorage } from '../sdk/storage/storage.ts';
import type { LocalFault } from '../texts/texts.ts';
import { checkAccountFiles } from './account-check.ts';
import { exportAccount, openExport } from './account-export.ts';
import { comparedWith, type ImportOutcome } from './imported-keys.ts';
import { KeyFile, newKeyFile } from './key-file.ts';
import type { LockWait } from './lmdb-environment.ts';
import { openCacheIfAny } from './open-message-cache.ts';
import { giveUpState, openState, type Recovery } from './open-state.ts';
import { exists, isErrno, makePrivateDirectory, requirePrivate, writePrivateFile } from './private-files.ts';
import { type DerivedKey, derivedKey, needsPassphrase } from './sealed-file.ts';
import { naming, readOrSay } from './unwritable.ts';

const KEY_FILE = 'keys';
const STATE_FILE = 'state';
const CACHE_FILE = 'cache';
const AGENT_SOCKET = 'agent';
const DEFAULT_USER_FILE = 'default';

/** `undefined`: unprotected, by the user's explicit choice. */
export type Passphrase = string | undefined;

export interface OpenAccount extends AccountStorage {
  /** The message cache was damaged, and an empty one took its place. */
  readonly isCacheReplaced: boolean;
  /** To be called after the client that uses it was closed. */
  close(): Promise<void>;
}

/** An account in a file that was written elsewhere. */
export interface ExportedAccount {
  readonly needsPassphrase: boolean;
  open(passphrase: Passphrase): Promise<AccountContent>;
}

/**
 * Accounts on disk: `DIRECTORY/SERVER/USER/` with `keys` (sealed; replaced only by more of the same), `state` (LMDB, sealed
 * under a key in `keys`), `cache` (the same; may be deleted) and, while an agent runs, its socket `agent`;
 * `DIRECTORY/SERVER/default` names the user that commands mean. Everything rejects with ConclaveError:
 * `no_profile`, `profile_exists`, `wrong_passphrase`.
 */
export class Profile {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Users with keys for this server, as folded names. */
  async users(origin: Origin): Promise<readonly UserName[]> {
    const server = this.#server(origin);
    const names: UserName[] = [];
    for (const entry of await readdirIfAny(server)) {
      const name = parseUserName(entry);
      if (name !== undefined && (await exists(join(server, entry, KEY_FILE)))) names.push(name);
    }
    return names.sort();
  }

  /** The user that commands for this server mean when they name none. */
  async defaultUser(origin: Origin): Promise<UserName | undefined> {
    try {
      return parseUserName(utf8Text(await readFile(join(this.#server(origin), DEFAULT_USER_FILE)))?.trim());
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** Makes a user the default one. */
  async use(origin: Origin, name: UserName): Promise<void> {
    await this.#keyFile(origin, name);
    await writePrivateFile(join(this.#server(origin), DEFAULT_USER_FILE), utf8(`${name}\n`), {
      overwrite: true,
    });
  }

  /** What is wrong with the files of a user, as far as it shows without a passphrase; see checkAccountFiles. */
  async check(origin: Origin, name: UserName): Promise<{ readonly isProtected: boolean }> {
    const sealed = await this.#keyFile(origin, name);
    const folder = this.#folder(origin, name);
    const files = {
      keys: join(folder, KEY_FILE),
      state: join(folder, STATE_FILE),
      cache: join(folder, CACHE_FILE),
    };
    return checkAccountFiles(files, sealed);
  }

  /** Whether `open` takes a passphrase. */
  async needsPassphrase(origin: Origin, name: UserName): Promise<boolean> {
    const sealed = await this.#keyFile(origin, name);
    return naming(join(this.#folder(origin, name), KEY_FILE), needsPassphrase('keys', sealed));
  }

  /** What stands in for the passphrase of `open`. Rejects with `wrong_passphrase`. */
  async derivedKey(origin: Origin, name: UserName, passphrase: string): Promise<DerivedKey> {
    const sealed = await this.#keyFile(origin, name);
    return naming(join(this.#folder(origin, name), KEY_FILE), derivedKey('keys', sealed, passphrase));
  }

  /** Where an agent that keeps this key listens. */
  agentSocket(origin: Origin, name: UserName): string {
    return join(this.#folder(origin, name), AGENT_SOCKET);
  }

  /** Makes the folder for accounts on this server, where there is none. Rejects with `profile_unwritable`. */
  prepare(origin: Origin): Promise<void> {
    return makePrivateDirectory(this.#server(origin));
  }

  /**
   * Writes the keys of a new account. The first one of a server is its default user. Rejects with `profile_exists` and
   * changes nothing when there are keys of that name.
   */
  async create(origin: Origin, account: AccountKeys, passphrase: Passphrase): Promise<void> {
    const folder = this.#folder(origin, account.name);
    await makePrivateDirectory(folder);
    await this.#requirePrivate(origin, account.name);
    const content = await newKeyFile(account, passphrase);
    const written = await writePrivateFile(join(folder, KEY_FILE), content, { overwrite: false });
    if (written === 'exists')
      throw localError('profile_exists', 'keys_exist', { user: account.name, server: origin });
    await this.#beDefault(origin, account.name);
  }

  /** Removes keys that `create` wrote and no server took. Never call it for an account that may exist. */
  async discard(origin: Origin, name: UserName): Promise<void> {
    await rm(this.#folder(origin, name), { recursive: true, force: true });
    const other = (await this.defaultUser(origin)) ?? name;
    if (foldName(other) === foldName(name))
      await rm(join(this.#server(origin), DEFAULT_USER_FILE), { force: true });
  }

  /** With `cache: false` nothing is read from the cache of opened messages, and nothing added to it. */
  async open(
    origin: Origin,
    name: UserName,
    opening: Passphrase | DerivedKey,
    { cache: mayCache = true, lockWaitMs }: LockWait & { readonly cache?: boolean } = {},
  ): Promise<OpenAccount> {
    const folder = this.#folder(origin, name);
    const sealed = await this.#keyFile(origin, name);
    const keyFile = await KeyFile.open(join(folder, KEY_FILE), sealed, opening);
    const { account } = keyFile;
    if (foldName(account.name) !== foldName(name))
      throw localError('no_profile', 'keys_of_another', { user: account.name });
    const [path, cachePath] = [join(folder, STATE_FILE), join(folder, CACHE_FILE)];
    for (const file of [path, cachePath]) if (await exists(file)) await requirePrivate(file);
    const { exclusively, close, ...shared } = await openState(path, keyFile, { lockWaitMs });
    const kept = await openCacheIfAny(cachePath, keyFile.dataKey, mayCache);
    return {
      ...{ ...shared, account, keys: keyFile.store(exclusively), cache: kept?.cache },
      isCacheReplaced: kept?.isReplaced === true,
      close: async () => {
        await close();
        await kept?.close();
      },
    };
  }

  /** Starts again without a state that is missing or damaged: nobody is trusted, and no room's secret is known. */
  async recover(origin: Origin, name: UserName, passphrase: Passphrase): Promise<Recovery> {
    const folder = this.#folder(origin, name);
    const keyFile = await KeyFile.open(join(folder, KEY_FILE), await this.#keyFile(origin, name), passphrase);
    return giveUpState(join(folder, STATE_FILE), keyFile);
  }

  /** Writes keys and pins into a new file, under a passphrase of its own. */
  async export(account: AccountStorage, file: string, passphrase: Passphrase): Promise<void> {
    const content = await exportAccount(account, passphrase);
    if ((await writePrivateFile(file, content, { overwrite: false })) === 'exists')
      throw localError('profile_exists', 'file_exists', { path: file });
  }

  /** Reads the file once: it may be a pipe. */
  async readExport(file: string): Promise<ExportedAccount> {
    const bytes = await readOrSay(file);
    return {
      needsPassphrase: await naming(file, needsPassphrase('export', bytes)),
      open: (passphrase) => naming(file, openExport(bytes, passphrase)),
    };
  }

  async hasKeys(origin: Origin, name: UserName): Promise<boolean> {
    return exists(join(this.#folder(origin, name), KEY_FILE));
  }

  /**
   * Takes the newer keys of an export in addition to those that are here; what else is here stays as it is. Rejects with
   * `profile_exists`, and changes nothing, unless the export's history goes on where the one here ends.
   */
  async extend(origin: Origin, { account }: AccountContent, passphrase: Passphrase): Promise<void> {
    const { name } = account;
    const opened = await this.open(origin, name, passphrase);
    try {
      const outcomes: ImportOutcome[] = [];
      await opened.keys.update((stored) => {
        const outcome = comparedWith(stored, account);
        outcomes.push(outcome);
        return outcome.kind === 'newer' ? outcome.account : stored;
      });
      const { kind } = outcomes.at(-1) ?? { kind: 'other' };
      if (kind !== 'newer')
        throw localError('profile_exists', notExtended[kind], { user: name, server: origin });
    } finally {
      await opened.close();
    }
  }

  /** Takes an account that arrived over for a server's address, under a passphrase. */
  async import(origin: Origin, { account, records }: AccountContent, passphrase: Passphrase): Promise<void> {
    const folder = this.#folder(origin, account.name);
    const taken = localError('profile_exists', 'keys_exist', { user: account.name, server: origin });
    if (await exists(folder)) throw taken;
    // Keys without their pins would trust whoever comes first: both appear together, by one rename.
    const making = `${folder}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await makePrivateDirectory(making);
      const content = await newKeyFile(account, passphrase);
      await writePrivateFile(join(making, KEY_FILE), content, { overwrite: false });
      const keyFile = await KeyFile.open(join(making, KEY_FILE), content, passphrase);
      const environment = await openState(join(making, STATE_FILE), keyFile);
      await writeRecords(records, environment.state).finally(() => environment.close());
      await rename(making, folder);
    } catch (error) {
      await rm(making, { recursive: true, force: true });
      throw isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST') ? taken : error;
    }
    await this.#beDefault(origin, account.name);
  }

  /** Unless there is a default user. */
  async #beDefault(origin: Origin, name: UserName): Promise<void> {
    const path = join(this.#server(origin), DEFAULT_USER_FILE);
    await writePrivateFile(path, utf8(`${name}\n`), { overwrite: false });
  }

  /** The key file's bytes, once nobody else can read it. */
  async #keyFile(origin: Origin, name: UserName): Promise<Uint8Array> {
    const folder = this.#folder(origin, name);
    const path = join(folder, KEY_FILE);
    if (!(await exists(path))) throw localError('no_profile', 'no_keys', { user: name, server: origin });
    await this.#requirePrivate(origin, name);
    await requirePrivate(path);
    return readOrSay(path);
  }

  async #requirePrivate(origin: Origin, name: UserName): Promise<void> {
    for (const path of [this.directory, this.#server(origin), this.#folder(origin, name)])
      await requirePrivate(path);
  }

  #folder(origin: Origin, name: UserName): string {
    return join(this.#server(origin), foldName(name));
  }

  #server(origin: Origin): string {
    return join(this.directory, serverFolder(origin));
  }
}

const notExtended = {
  same: 'keys_same',
  older: 'keys_older',
  other: 'keys_other',
} as const satisfies Readonly<Record<string, LocalFault>>;

/** All loopback names are one: they mean this machine. */
export function serverFolder(origin: Origin): string {
  const { protocol, hostname, port } = new URL(origin);
  const host = isLoopbackOrigin(origin) ? 'localhost' : hostname.replace(/[^a-z0-9.-]/g, '_');
  const standard = protocol === 'wss:' ? '443' : '80';
  return `${protocol.slice(0, -1)}-${host}-${port === '' ? standard : port}`;
}

async function readdirIfAny(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
