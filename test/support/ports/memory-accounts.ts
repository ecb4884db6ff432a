import type { Account, IdentityReplacement, IdentityStore } from '../../../src/ports/identity-store.ts';
import type { Revocation } from '../../../src/ports/revocations.ts';
import type { SecretStore, StoredSecrets, TokenSecret } from '../../../src/ports/secret-store.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { FoldedName } from '../../../src/protocol/names.ts';
import { hop } from './hop.ts';

/** Accounts, documents and revocations of all nodes of a test. */
export class MemoryIdentities implements IdentityStore {
  readonly #accounts = new Map<UserId, Account>();
  readonly #documents = new Map<UserId, { readonly sequence: number; readonly identity: SignedIdentity }[]>();
  readonly #revocations = new Map<UserId, number>();

  async create(account: Account): Promise<'created' | 'name_taken'> {
    await hop();
    if ([...this.#accounts.values()].some(({ folded }) => folded === account.folded)) return 'name_taken';
    const { user, sequence, identity } = account;
    this.#accounts.set(user, account);
    this.#documents.set(user, [{ sequence, identity }]);
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
    const documents = this.#documents.get(user) ?? [];
    return documents
      .filter(({ sequence }) => sequence >= since)
      .slice(0, limit)
      .map(({ identity }) => identity);
  }

  async replace(replacement: IdentityReplacement): Promise<'replaced' | 'conflict'> {
    await hop();
    const { user, sequence, identity, at } = replacement;
    const account = this.#accounts.get(user);
    if (account === undefined || account.closed || account.sequence !== sequence - 1) return 'conflict';
    this.#accounts.set(user, { ...account, sequence, identity, behindSince: at });
    this.#documents.get(user)?.push({ sequence, identity });
    return 'replaced';
  }

  async close(user: UserId, at: number): Promise<void> {
    await hop();
    const account = this.#accounts.get(user);
    if (account === undefined || account.closed) return;
    this.#accounts.set(user, { ...account, closed: true, behindSince: at });
  }

  async behind(limit: number): Promise<readonly Account[]> {
    await hop();
    return [...this.#accounts.values()]
      .filter(({ behindSince }) => behindSince !== undefined)
      .sort((a, b) => (a.behindSince ?? 0) - (b.behindSince ?? 0))
      .slice(0, limit);
  }

  async caughtUp({ user, sequence, closed, behindSince }: Account): Promise<void> {
    await hop();
    const account = this.#accounts.get(user);
    if (account?.sequence !== sequence || account.closed !== closed || account.behindSince !== behindSince)
      return;
    const { behindSince: _ended, ...inStep } = account;
    this.#accounts.set(user, inStep);
  }

  async setDisabled(user: UserId, disabled: boolean): Promise<void> {
    await hop();
    const account = this.#accounts.get(user);
    if (account !== undefined) this.#accounts.set(user, { ...account, disabled });
  }

  async revoke({ user, notBefore }: Revocation): Promise<void> {
    await hop();
    this.#revocations.set(user, Math.max(notBefore, this.#revocations.get(user) ?? 0));
  }

  async revocations(
    since: number,
    after: Revocation | undefined,
    limit: number,
  ): Promise<readonly Revocation[]> {
    await hop();
    return [...this.#revocations]
      .map(([user, notBefore]) => ({ user, notBefore }))
      .filter((one) => one.notBefore >= since && (after === undefined || inOrder(after, one) < 0))
      .sort(inOrder)
      .slice(0, limit);
  }

  async revocationsOf(who: readonly UserId[]): Promise<readonly Revocation[]> {
    await hop();
    return who.flatMap((user) => {
      const notBefore = this.#revocations.get(user);
      return notBefore === undefined ? [] : [{ user, notBefore }];
    });
  }
}

function inOrder(a: Revocation, b: Revocation): number {
  return a.notBefore - b.notBefore || (a.user < b.user ? -1 : a.user > b.user ? 1 : 0);
}

export class MemorySecrets implements SecretStore {
  #secrets: Promise<StoredSecrets> | undefined;
  /** How often it was read. */
  reads = 0;

  async ensure(make: () => Promise<StoredSecrets>): Promise<StoredSecrets> {
    await hop();
    this.#secrets ??= make();
    return this.#secrets;
  }

  async read(): Promise<StoredSecrets | undefined> {
    this.reads += 1;
    await hop();
    return this.#secrets;
  }

  async replaceTokenSecrets(last: number, next: readonly TokenSecret[]): Promise<'replaced' | 'conflict'> {
    await hop();
    const secrets = await this.#secrets;
    if (secrets?.tokenSecrets.at(-1)?.number !== last) return 'conflict';
    this.#secrets = Promise.resolve({ ...secrets, tokenSecrets: next });
    return 'replaced';
  }
}
