import type { UserName } from '../../src/protocol/names.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import {
  type AccountHost,
  type ChatAccount,
  type ChatWishes,
  isFinalRefusal,
} from '../chat/account/account-host.ts';
import type { Me } from '../sdk/api.ts';
import { createClient } from '../sdk/client.ts';
import { systemClock } from '../sdk/connection/clock.ts';
import { probe } from '../sdk/connection/probe.ts';
import { ConclaveError, localError } from '../sdk/errors.ts';
import { newAccountKeys } from '../sdk/people/own-account.ts';
import type { AccountStorage } from '../sdk/storage/storage.ts';
import { webTexts } from '../texts/web-texts.ts';
import type { AccountLock } from './account-lock.ts';
import type { PreferenceStore } from './preferences.ts';
import type { ServerPlace } from './server-place.ts';
import type { WebProfile } from './storage/web-profile.ts';

/** Requests of somebody who waits for an answer; messages on their way have no limit. */
const REQUEST_MS = 30_000;

export interface WebHostOptions {
  readonly profile: WebProfile;
  readonly place: ServerPlace;
  readonly preferences: PreferenceStore;
  readonly program: string;
  /** The account to open; undefined: a new one. */
  readonly user: UserName | undefined;
  /** The room that the address of the page names. */
  readonly linkedRoom: string | undefined;
  linkFollowed(): void;
  /** Undefined: another page has the account. */
  takeLock(user: UserName): Promise<AccountLock | undefined>;
  /** Another page took the account. */
  onLost(user: UserName): void;
}

/** Accounts of this browser, on the server that the page came from. */
export class WebHost implements AccountHost {
  readonly wishes: ChatWishes;
  readonly keepingAdvice: string = webTexts.welcome.keeping;
  readonly #options: WebHostOptions;
  readonly #fresh = new Set<UserName>();
  #opened: { readonly storage: AccountStorage; readonly lock: AccountLock } | undefined;

  constructor(options: WebHostOptions) {
    const { linkedRoom, place, user } = options;
    const { server } = place;
    this.#options = options;
    this.wishes = {
      ...{ server, suggestedServer: server, serverIsFixed: true },
      ...{ user, room: undefined, linkedRoom, passphrase: { known: false } },
    };
  }

  /** Of the account that is open. */
  get storage(): AccountStorage | undefined {
    return this.#opened?.storage;
  }

  linkFollowed(): void {
    this.#options.linkFollowed();
  }

  probe(server: Origin, abort: AbortSignal): Promise<void> {
    const { place, program } = this.#options;
    return probe({ origin: server, webSocket: place.webSocket, clock: systemClock, program, abort });
  }

  hasAccount(server: Origin, user: UserName): Promise<boolean> {
    return this.#options.profile.hasKeys(server, user);
  }

  needsPassphrase(server: Origin, user: UserName): Promise<boolean> {
    return this.#options.profile.needsPassphrase(server, user);
  }

  checkPassphrase(server: Origin, user: UserName, typed: string): Promise<void> {
    return this.#options.profile.checkPassphrase(server, user, typed);
  }

  async open(server: Origin, user: UserName, passphrase: string | undefined): Promise<ChatAccount> {
    const { fetch, webSocket } = this.#options.place;
    const storage = await this.#options.profile.open(server, user, passphrase);
    const lock = await this.#options.takeLock(user);
    if (lock === undefined) throw new ConclaveError('profile_exists', webTexts.welcome.elsewhere(user));
    try {
      const client = await createClient({
        ...{ server, storage, program: this.#options.program },
        ...{ fetch, webSocket, timeoutMs: REQUEST_MS },
      });
      void lock.lost.then(() => this.#options.onLost(user));
      this.#opened = { storage, lock };
      let closing: Promise<void> | undefined;
      const close = (): Promise<void> => {
        closing ??= client.close().finally(() => lock.release());
        return closing;
      };
      return { client, state: storage.state, close };
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async create(server: Origin, user: UserName, passphrase: string | undefined): Promise<ChatAccount> {
    const { profile } = this.#options;
    if (!(await profile.hasKeys(server, user))) {
      await profile.create(server, await newAccountKeys(user), passphrase);
      this.#fresh.add(user);
    }
    const account = await this.open(server, user, passphrase);
    if (this.#fresh.has(user) || (await account.client.me().catch(() => undefined)) === undefined)
      return account;
    await account.close();
    throw localError('profile_exists', 'account_exists', { user, server });
  }

  async register(account: ChatAccount, invite: string | undefined): Promise<Me> {
    const { place, profile } = this.#options;
    const { server } = place;
    const user = this.#opened?.storage.account.name;
    try {
      const me = await account.client.register(invite === undefined ? {} : { invite });
      // The advice that a new account ends with says so.
      this.#options.preferences.change({ knowsEviction: true });
      return me;
    } catch (error) {
      const isOver =
        error instanceof ConclaveError && error.code !== 'invite_needed' && isFinalRefusal(error.code);
      if (isOver && user !== undefined && this.#fresh.delete(user)) {
        await account.close();
        await profile.discard(server, user);
      }
      throw error;
    }
  }
}
