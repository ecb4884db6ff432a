import type { WallClock } from '../core/core-parts.ts';
import type { RevocationBook } from '../core/revocation-list.ts';
import type { Account, IdentityStore } from '../ports/identity-store.ts';
import type { AdminBody, AdminRefusal, AdminReply } from '../protocol/admin-actions.ts';
import { foldName } from '../protocol/names.ts';

interface AccountControlParts {
  readonly identities: IdentityStore;
  readonly revocations: RevocationBook;
  readonly clock: WallClock;
}

/** What an operator may do with accounts. Nothing of it opens or changes what they hold. */
export class AccountControl {
  readonly #parts: AccountControlParts;

  constructor(parts: AccountControlParts) {
    this.#parts = parts;
  }

  /** Every session ends, and every token is dead. The user may log in again. */
  async revoke({ user }: AdminBody<'revoke'>): Promise<AdminReply<'revoke'> | AdminRefusal> {
    const account = await this.#openAccount(user);
    if (account === undefined) return { refused: 'no_such_user' };
    await this.#revokeAll(account, undefined);
    return { user: account.name };
  }

  /**
   * The mark first, then the revocation: a login that read the account before the mark was there gets a token of before
   * the revocation, so it ends with the others. Resuming reads no account, and needs none: the tokens are dead.
   */
  async disable({ user }: AdminBody<'disable'>): Promise<AdminReply<'disable'> | AdminRefusal> {
    const account = await this.#openAccount(user);
    if (account === undefined) return { refused: 'no_such_user' };
    await this.#parts.identities.setDisabled(account.user, true);
    await this.#revokeAll(account, 'account_closed');
    return { user: account.name };
  }

  /** The user may log in again; what was revoked stays so. */
  async enable({ user }: AdminBody<'enable'>): Promise<AdminReply<'enable'> | AdminRefusal> {
    const account = await this.#openAccount(user);
    if (account === undefined) return { refused: 'no_such_user' };
    await this.#parts.identities.setDisabled(account.user, false);
    return { user: account.name };
  }

  async #openAccount(name: AdminBody<'revoke'>['user']): Promise<Account | undefined> {
    const account = await this.#parts.identities.byName(foldName(name));
    return account?.closed === false ? account : undefined;
  }

  async #revokeAll({ user }: Account, why: 'account_closed' | undefined): Promise<void> {
    const { revocations, clock } = this.#parts;
    await revocations.revoke({ user, notBefore: clock.nowMs() + 1 }, why);
  }
}
