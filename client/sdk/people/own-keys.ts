import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import { localError } from '../errors.ts';
import { getRecord, meRecord, putRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import type { AccountKeys, AccountStorage, KeyStore, OwnIdentity } from '../storage/storage.ts';
import { Turns } from '../turns.ts';
import {
  type LoadedIdentity,
  loadOwnAccount,
  nextIdentity,
  type OwnAccount,
  type OwnIdentities,
} from './own-account.ts';

/**
 * The user's own identities as they are now, and the id that the server knows the account by. Identities change under a
 * client's hands: by its own rotation, or by that of another process that shares the storage.
 */
export class OwnKeys implements OwnAccount {
  readonly #store: KeyStore;
  readonly #state: StateStore;
  #stored: AccountKeys;
  #account: OwnIdentities;
  #user: UserId | undefined;
  /** Changes are taken one after the other, so that an older reading never follows a newer one. */
  readonly #turns = new Turns();

  private constructor(
    { account, keys, state }: Pick<AccountStorage, 'account' | 'keys' | 'state'>,
    loaded: OwnIdentities,
    user: UserId | undefined,
  ) {
    this.#store = keys;
    this.#state = state;
    this.#stored = account;
    this.#account = loaded;
    this.#user = user;
  }

  /** Rejects with `no_profile` when the keys don't belong together. */
  static async open(storage: AccountStorage): Promise<OwnKeys> {
    const known = await getRecord(storage.state, 'session', 'me', meRecord);
    return new OwnKeys(storage, await loadOwnAccount(storage.account), known?.user);
  }

  get user(): UserId {
    if (this.#user === undefined) throw localError('no_profile', 'never_opened');
    return this.#user;
  }

  get name(): UserName {
    return this.#account.name;
  }

  get current(): LoadedIdentity {
    return this.#account.current;
  }

  get identities(): readonly LoadedIdentity[] {
    return this.#account.identities;
  }

  get pending(): LoadedIdentity | undefined {
    return this.#account.pending;
  }

  /** Whether this identity is among those that were in force. */
  holds(identity: OwnIdentity): boolean {
    return this.identities.some((own) => isSame(own, identity));
  }

  /** The server says that the account has this id. Rejects with `trust` when it had another one before. */
  async belongTo(user: UserId): Promise<void> {
    const known = await getRecord(this.#state, 'session', 'me', meRecord);
    if (known !== undefined && known.user !== user) throw localError('trust', 'other_account_id');
    if (known === undefined) await putRecord(this.#state, 'session', 'me', meRecord, { user });
    this.#user = user;
  }

  /** Takes what other processes stored. */
  reload(): Promise<void> {
    return this.#turns.run(async () => this.#adopt(await this.#store.load()));
  }

  /**
   * New keys, stored before anybody hears of them. Those that wait already are used: the server may have them. Undefined
   * when another process put others in place of the current ones meanwhile.
   */
  async prepare(createdAt: number): Promise<LoadedIdentity | undefined> {
    const before = this.current;
    await this.reload();
    if (this.pending === undefined && isSame(this.current, before)) {
      const fresh = await nextIdentity(this, createdAt);
      await this.#update((stored) =>
        stored.pending === undefined && isSame(stored.identities.at(-1), before)
          ? { ...stored, pending: fresh }
          : stored,
      );
    }
    return this.pending;
  }

  /** The keys that waited are in force. */
  accept(identity: OwnIdentity): Promise<void> {
    return this.#update((stored) => {
      const { pending, ...rest } = stored;
      if (pending === undefined || !isSame(pending, identity)) return stored;
      return { ...rest, identities: [...stored.identities, pending] };
    });
  }

  #update(change: (stored: AccountKeys) => AccountKeys): Promise<void> {
    return this.#turns.run(async () => this.#adopt(await this.#store.update(change)));
  }

  async #adopt(stored: AccountKeys): Promise<void> {
    const isKnown =
      stored.identities.length === this.#stored.identities.length &&
      isSame(stored.identities.at(-1), this.#stored.identities.at(-1)) &&
      isSame(stored.pending, this.#stored.pending);
    if (isKnown) return;
    this.#account = await loadOwnAccount(stored);
    this.#stored = stored;
  }
}

function isSame(a: OwnIdentity | undefined, b: OwnIdentity | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameBytes(a.signed.document, b.signed.document);
}
