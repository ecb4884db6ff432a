import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import { chainAt, newPrekeyChain, type PrekeyChain, prekeyWeek } from '../../crypto/epochs/prekeys.ts';
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

  /** The prekey chain of the current keys. One is drawn for keys that an earlier release made; it begins with the week of `now`. */
  async prekeyChain(now: number): Promise<PrekeyChain> {
    const { current } = this;
    if (current.prekeys !== undefined) return current.prekeys;
    const drawn = { ...newPrekeyChain(), week: prekeyWeek(current.verified.document.createdAt, now) };
    await this.#change(current, (own) => (own.prekeys === undefined ? { ...own, prekeys: drawn } : own));
    const { prekeys } = this.identities.find((own) => isSame(own, current)) ?? {};
    if (prekeys === undefined) throw new TypeError('a chain that was stored is there');
    return prekeys;
  }

  /** Whether forgetPrekeys() would forget anything. */
  hasPastPrekeys(now: number): boolean {
    return this.identities.some(({ prekeys, verified }) => {
      return prekeys !== undefined && prekeys.week < oldestWeek(verified.document.createdAt, now);
    });
  }

  /** Forgets the chain keys of weeks that began two weeks or longer before `now`, of every identity. */
  async forgetPrekeys(now: number): Promise<void> {
    for (const own of this.identities) {
      const { prekeys } = own;
      const oldest = oldestWeek(own.verified.document.createdAt, now);
      if (prekeys === undefined || prekeys.week >= oldest) continue;
      const later = await chainAt(prekeys, oldest);
      await this.#change(own, (stored) =>
        stored.prekeys !== undefined && stored.prekeys.week < oldest ? { ...stored, prekeys: later } : stored,
      );
    }
  }

  /** `change` gives what it was given to leave it as it is. */
  #change(identity: OwnIdentity, change: (own: OwnIdentity) => OwnIdentity): Promise<void> {
    return this.#update((stored) => {
      const identities = stored.identities.map((own) => (isSame(own, identity) ? change(own) : own));
      return identities.some((own, i) => own !== stored.identities[i]) ? { ...stored, identities } : stored;
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
    this.#account = isKnown ? withPrekeys(this.#account, stored) : await loadOwnAccount(stored);
    this.#stored = stored;
  }
}

/** The week before that of `now`: it began less than two weeks ago, and those before it did not. */
function oldestWeek(createdAt: number, now: number): number {
  return prekeyWeek(createdAt, now) - 1;
}

/** The same identities, with the chains that are stored for them now. */
function withPrekeys(account: OwnIdentities, { identities: stored, pending }: AccountKeys): OwnIdentities {
  const fresh = <Own extends OwnIdentity>(own: Own, { prekeys }: OwnIdentity = own): Own =>
    prekeys === undefined ? own : { ...own, prekeys };
  const identities = account.identities.map((own, i) => fresh(own, stored[i]));
  const current = identities.at(-1) ?? account.current;
  const waiting = account.pending === undefined ? undefined : fresh(account.pending, pending);
  return { ...account, current, identities, pending: waiting };
}

function isSame(a: OwnIdentity | undefined, b: OwnIdentity | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameBytes(a.signed.document, b.signed.document);
}
