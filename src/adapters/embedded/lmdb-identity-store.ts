import type { Account, IdentityReplacement, IdentityStore } from '../../ports/identity-store.ts';
import { REVOCATION_LIFE_MS, type Revocation } from '../../ports/revocations.ts';
import type { SignedIdentity } from '../../protocol/entities.ts';
import { ID_BYTES, parseUserId, type UserId } from '../../protocol/ids.ts';
import type { FoldedName } from '../../protocol/names.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { endOf, justAbove, keyOf, NOTHING, NUMBER_BYTES, numberAt, textKey } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { accountRow, identityRow } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

export class LmdbIdentityStore implements IdentityStore {
  readonly #link: LmdbLink;

  constructor(link: LmdbLink) {
    this.#link = link;
  }

  async create(account: Account): Promise<'created' | 'name_taken'> {
    const { user, sequence } = account;
    const nameKey = textKey(account.folded);
    const row = accountRow.encode(account);
    const document = identityRow.encode(account.identity);
    return this.#link.write('create_account', (view) => {
      if (view.get('account-names', nameKey) !== undefined) return 'name_taken';
      view.put('account-names', nameKey, keyOf(user));
      view.put('accounts', keyOf(user), row);
      view.put('identities', keyOf(user, sequence), document);
      return 'created';
    });
  }

  async byName(name: FoldedName): Promise<Account | undefined> {
    return this.#link.read('account_by_name', (reader) => {
      const user = reader.get('account-names', textKey(name));
      return user === undefined ? undefined : accountAt(reader, user);
    });
  }

  async byIds(users: readonly UserId[]): Promise<readonly Account[]> {
    return this.#link.read('accounts_by_id', (reader) =>
      users.map((user) => accountAt(reader, keyOf(user))).filter((account) => account !== undefined),
    );
  }

  async chain(user: UserId, since: number, limit: number): Promise<readonly SignedIdentity[]> {
    if (limit <= 0) return this.#link.read('identity_chain', () => []);
    return this.#link.read('identity_chain', (reader) =>
      reader
        .range('identities', { start: keyOf(user, since), end: endOf(keyOf(user)), limit })
        .map(({ value }) => identityRow.decode(value)),
    );
  }

  async replace({ user, sequence, identity, at }: IdentityReplacement): Promise<'replaced' | 'conflict'> {
    const document = identityRow.encode(identity);
    return this.#link.write('replace_identity', (view) => {
      const account = storedAccount(view, user);
      if (account === undefined || account.closed || account.sequence !== sequence - 1) return 'conflict';
      view.put('identities', keyOf(user, sequence), document);
      const next = { ...account, sequence, identity: identityRow.decode(document), behindSince: at };
      putAccount(view, account, next);
      return 'replaced';
    });
  }

  async close(user: UserId, at: number): Promise<void> {
    await this.#link.write('close_account', (view) => {
      const account = storedAccount(view, user);
      if (account === undefined || account.closed) return;
      putAccount(view, account, { ...account, closed: true, behindSince: at });
    });
  }

  async behind(limit: number): Promise<readonly Account[]> {
    const bounds = { start: keyOf(0), end: endOf(Buffer.alloc(0)), limit };
    return this.#link.read('accounts_behind', (reader) =>
      (limit <= 0 ? [] : reader.keys('accounts-behind', bounds))
        .map((key) => accountAt(reader, key.subarray(NUMBER_BYTES, NUMBER_BYTES + ID_BYTES)))
        .filter((account) => account !== undefined),
    );
  }

  async caughtUp({ user, sequence, closed, behindSince }: Account): Promise<void> {
    await this.#link.write('account_caught_up', (view) => {
      const account = storedAccount(view, user);
      if (account?.sequence !== sequence || account.closed !== closed || account.behindSince !== behindSince)
        return;
      const { behindSince: _ended, ...inStep } = account;
      putAccount(view, account, inStep);
    });
  }

  async setDisabled(user: UserId, disabled: boolean): Promise<void> {
    await this.#link.write('account_disable', (view) => {
      const account = storedAccount(view, user);
      if (account !== undefined) putAccount(view, account, { ...account, disabled });
    });
  }

  async revoke({ user, notBefore }: Revocation): Promise<void> {
    await this.#link.write('revoke', (view) => {
      const before = view.get('revocations', keyOf(user));
      if (before !== undefined) {
        if (numberAt(before, 0) >= notBefore) return;
        view.remove('revocations-by-time', keyOf(numberAt(before, 0), user));
      }
      view.put('revocations', keyOf(user), keyOf(notBefore));
      view.put('revocations-by-time', keyOf(notBefore, user), NOTHING);
    });
  }

  async revocations(
    since: number,
    after: Revocation | undefined,
    limit: number,
  ): Promise<readonly Revocation[]> {
    if (limit <= 0) return this.#link.read('revocations', () => []);
    const start =
      after === undefined ? keyOf(Math.max(0, since)) : justAbove(keyOf(after.notBefore, after.user));
    return this.#link.read('revocations', (reader) =>
      reader
        .keys('revocations-by-time', { start, end: endOf(Buffer.alloc(0)), limit })
        .map((key) => ({ user: userIn(key), notBefore: numberAt(key, 0) })),
    );
  }

  async revocationsOf(who: readonly UserId[]): Promise<readonly Revocation[]> {
    return this.#link.read('revocations_of', (reader) =>
      who.flatMap((user) => {
        const row = reader.get('revocations', keyOf(user));
        return row === undefined ? [] : [{ user, notBefore: numberAt(row, 0) }];
      }),
    );
  }
}

/** Removes at most so many that can kill no token any more; answers how many. */
export function expireRevocations(view: WriteView, reader: TableReader, nowMs: number, max: number): number {
  const end = keyOf(Math.max(0, nowMs - REVOCATION_LIFE_MS));
  const due = reader.keys('revocations-by-time', { start: keyOf(0), end, limit: max });
  for (const key of due) {
    view.remove('revocations-by-time', key);
    view.remove('revocations', keyOf(userIn(key)));
  }
  return due.length;
}

function userIn(key: Buffer): UserId {
  const user = parseUserId(new Uint8Array(key.subarray(NUMBER_BYTES, NUMBER_BYTES + ID_BYTES)));
  if (user === undefined) throw new TypeError('a revocation is not of a user');
  return user;
}

function accountAt(reader: TableReader, user: Buffer): Account | undefined {
  const row = reader.get('accounts', user);
  return row === undefined ? undefined : accountRow.decode(row);
}

function storedAccount(view: WriteView, user: UserId): Account | undefined {
  const row = view.get('accounts', keyOf(user));
  return row === undefined ? undefined : accountRow.decode(row);
}

function putAccount(view: WriteView, before: Account, next: Account): void {
  const { user } = next;
  view.put('accounts', keyOf(user), accountRow.encode(next));
  if (before.behindSince !== undefined) view.remove('accounts-behind', keyOf(before.behindSince, user));
  if (next.behindSince !== undefined) view.put('accounts-behind', keyOf(next.behindSince, user), NOTHING);
}
