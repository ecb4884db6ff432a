import type { Account, IdentityStore } from '../../../src/ports/identity-store.ts';
import type { Revocation } from '../../../src/ports/revocations.ts';
import type { ClusterSecrets, SecretStore } from '../../../src/ports/secret-store.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { FoldedName } from '../../../src/protocol/names.ts';
import { hop } from './hop.ts';

/** Accounts, documents and revocations of all nodes of a test. */
export class MemoryIdentities implements IdentityStore {
  readonly #accounts = new Map<UserId, Account>();
  readonly #revocations = new Map<UserId, number>();

  async create(account: Account): Promise<'created' | 'name_taken'> {
    await hop();
    if ([...this.#accounts.values()].some(({ folded }) => folded === account.folded)) return 'name_taken';
    this.#accounts.set(account.user, account);
    return 'created';
  }

  async byName(name: FoldedName): Promise<Account | undefined> {
    await hop();
    return [...this.#accounts.values()].find(({ folded }) => folded === name);
  }

  async byIds(users: readonly UserId[]): Promise<readonly Account[]> {
    await hop();
    return users.flatMap((user) => this.#accounts.get(user) ?? []);
  }

  async chain(user: UserId, since: number, limit: number): Promise<readonly SignedIdentity[]> {
    await hop();
    const account = this.#accounts.get(user);
    return account === undefined || since > 0 || limit === 0 ? [] : [account.identity];
  }

  async revoke({ user, notBefore }: Revocation): Promise<void> {
    await hop();
    this.#revocations.set(user, Math.max(notBefore, this.#revocations.get(user) ?? 0));
  }

  async revocations(since: number): Promise<readonly Revocation[]> {
    await hop();
    return [...this.#revocations]
      .map(([user, notBefore]) => ({ user, notBefore }))
      .filter(({ notBefore }) => notBefore >= since);
  }

  /** For tests: the account is closed; its name stays taken. */
  close(user: UserId): void {
    const account = this.#accounts.get(user);
    if (account !== undefined) this.#accounts.set(user, { ...account, closed: true });
  }
}

export class MemorySecrets implements SecretStore {
  #secrets: Promise<ClusterSecrets> | undefined;

  async ensure(make: () => Promise<ClusterSecrets>): Promise<ClusterSecrets> {
    await hop();
    this.#secrets ??= make();
    return this.#secrets;
  }
}
