import pMap from 'p-map';
import type { RosterMember } from '../domain/roster.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import type { Account, IdentityStore } from '../ports/identity-store.ts';
import type { SignedIdentity } from '../protocol/entities.ts';
import type { UserId } from '../protocol/ids.ts';
import type { UserName } from '../protocol/names.ts';

/** Documents kept; each is about 1 KB. */
export const IDENTITIES_KEPT_MAX = 20_000;
const CHAINS_AT_ONCE = 16;

/** A user's signed document of one sequence. It never changes. */
export interface KnownIdentity {
  readonly name: UserName;
  readonly sequence: number;
  readonly identity: SignedIdentity;
}

type Wanted = Pick<RosterMember, 'user' | 'identity'>;

const keyOf = (user: UserId, sequence: number): string => `${user}:${sequence}`;

/** Identity documents by user and sequence, as rosters name them. */
export class Identities {
  readonly #store: IdentityStore;
  readonly #kept = boundedCache<string, KnownIdentity>(IDENTITIES_KEPT_MAX);

  constructor(store: IdentityStore) {
    this.#store = store;
  }

  /** The account as the store has it now. Throws Unavailable. */
  async account(user: UserId): Promise<Account | undefined> {
    const [account] = await this.#store.byIds([user]);
    if (account !== undefined) this.#keep(account);
    return account;
  }

  /** Names of accounts, those that were closed included; who has none is left out. Throws Unavailable. */
  async names(users: readonly UserId[]): Promise<ReadonlyMap<UserId, UserName>> {
    const accounts = users.length === 0 ? [] : await this.#store.byIds(users);
    return new Map(accounts.map(({ user, name }) => [user, name]));
  }

  /** Same order as asked; undefined for what the store does not have. Throws Unavailable. */
  async find(wanted: readonly Wanted[]): Promise<readonly (KnownIdentity | undefined)[]> {
    const found = new Map<string, KnownIdentity>();
    const missing: Wanted[] = [];
    for (const entry of wanted) {
      const key = keyOf(entry.user, entry.identity);
      const kept = this.#kept.get(key);
      if (kept === undefined) missing.push(entry);
      else found.set(key, kept);
    }
    if (missing.length > 0) {
      for (const [key, identity] of await this.#fetch(missing)) found.set(key, identity);
    }
    return wanted.map(({ user, identity }) => found.get(keyOf(user, identity)));
  }

  async #fetch(missing: readonly Wanted[]): Promise<ReadonlyMap<string, KnownIdentity>> {
    const fetched = new Map<string, KnownIdentity>();
    const accounts = await this.#store.byIds([...new Set(missing.map(({ user }) => user))]);
    const byUser = new Map(accounts.map((account) => [account.user, account]));
    const earlier: { readonly account: Account; readonly sequence: number }[] = [];
    for (const { user, identity: sequence } of missing) {
      const account = byUser.get(user);
      if (account === undefined) continue;
      if (account.sequence === sequence) fetched.set(keyOf(user, sequence), this.#keep(account));
      else earlier.push({ account, sequence });
    }
    await pMap(
      earlier,
      async ({ account, sequence }) => {
        const [identity] = await this.#store.chain(account.user, sequence, 1);
        if (identity === undefined) return;
        const known = { name: account.name, sequence, identity };
        this.#kept.set(keyOf(account.user, sequence), known);
        fetched.set(keyOf(account.user, sequence), known);
      },
      { concurrency: CHAINS_AT_ONCE },
    );
    return fetched;
  }

  #keep({ user, name, sequence, identity }: Account): KnownIdentity {
    const known = { name, sequence, identity };
    this.#kept.set(keyOf(user, sequence), known);
    return known;
  }
}
