import type { Collection, Filter } from 'mongodb';
import type { Account, IdentityReplacement, IdentityStore } from '../../ports/identity-store.ts';
import { REVOCATION_LIFE_MS, type Revocation } from '../../ports/revocations.ts';
import type { SignedIdentity } from '../../protocol/entities.ts';
import { idBytes, type UserId } from '../../protocol/ids.ts';
import { type FoldedName, foldName } from '../../protocol/names.ts';
import { insertNew, isDuplicateKey } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';
import { copied, storedUserId, storedUserName } from './stored-value.ts';

interface AccountDocument {
  readonly _id: Uint8Array;
  readonly name: string;
  readonly folded: string;
  readonly sequence: number;
  readonly identity: SignedIdentity;
  readonly createdAt: number;
  readonly closed: boolean;
  readonly behindSince?: number;
  /** Absent in accounts that never were. */
  readonly disabled?: boolean;
}

interface IdentityDocument extends SignedIdentity {
  readonly user: Uint8Array;
  readonly sequence: number;
}

interface RevocationDocument {
  readonly _id: Uint8Array;
  readonly notBefore: number;
  /** Absent in those that an earlier version made. */
  readonly expiresAt?: Date;
}

/**
 * An account carries its identity in force; those before it are filed under (user, sequence). A document is filed before
 * the next one takes its place, and never changes: whatever dies in between, no document is lost.
 */
export class MongoIdentityStore implements IdentityStore {
  readonly #link: MongoLink;
  readonly #accounts: Collection<AccountDocument>;
  readonly #identities: Collection<IdentityDocument>;
  readonly #revocations: Collection<RevocationDocument>;

  constructor(link: MongoLink) {
    this.#link = link;
    this.#accounts = link.db.collection('accounts');
    this.#identities = link.db.collection('identities');
    this.#revocations = link.db.collection('revocations');
  }

  create(account: Account): Promise<'created' | 'name_taken'> {
    return this.#link.run('account_create', async () => {
      const { folded, name, sequence, identity, createdAt, closed, disabled } = account;
      // Most names that are taken are seen here, before anything is written.
      if ((await this.#accounts.countDocuments({ folded }, { limit: 1 })) > 0) return 'name_taken';
      const document = {
        _id: idBytes(account.user),
        name,
        folded,
        sequence,
        identity,
        createdAt,
        closed,
        disabled,
      };
      return (await insertNew(this.#accounts, document)) ? 'created' : 'name_taken';
    });
  }

  byName(name: FoldedName): Promise<Account | undefined> {
    return this.#link.run('account_by_name', async () => {
      const found = await this.#accounts.findOne({ folded: name });
      return found === null ? undefined : accountOf(found);
    });
  }

  byIds(users: readonly UserId[]): Promise<readonly Account[]> {
    return this.#link.run('accounts_by_id', async () => {
      const found = await this.#accounts.find({ _id: { $in: users.map(idBytes) } }).toArray();
      return found.map(accountOf);
    });
  }

  chain(user: UserId, since: number, limit: number): Promise<readonly SignedIdentity[]> {
    return this.#link.run('identity_chain', async () => {
      const id = idBytes(user);
      // The account first: what it does not hold any more was filed before it was read.
      const account = await this.#accounts.findOne({ _id: id }, { projection: { sequence: 1, identity: 1 } });
      // To MongoDB a limit of 0 is none.
      if (account === null || limit <= 0 || since > account.sequence) return [];
      const filed = await this.#identities
        .find({ user: id, sequence: { $gte: since, $lt: account.sequence } })
        .sort({ sequence: 1 })
        .limit(limit)
        .toArray();
      return [...filed, account.identity].slice(0, limit).map(identityOf);
    });
  }

  replace({ user, sequence, identity, at }: IdentityReplacement): Promise<'replaced' | 'conflict'> {
    return this.#link.run('identity_replace', async () => {
      const _id = idBytes(user);
      const before = { _id, sequence: sequence - 1, closed: false };
      const now = await this.#accounts.findOne(before, { projection: { identity: 1 } });
      if (now === null) return 'conflict';
      await insertNew(this.#identities, { user: _id, sequence: before.sequence, ...now.identity });
      const next = { $set: { sequence, identity, behindSince: at } };
      const { matchedCount } = await this.#accounts.updateOne(before, next);
      return matchedCount === 1 ? 'replaced' : 'conflict';
    });
  }

  close(user: UserId, at: number): Promise<void> {
    return this.#link.run('account_close', async () => {
      const open = { _id: idBytes(user), closed: false };
      await this.#accounts.updateOne(open, { $set: { closed: true, behindSince: at } });
    });
  }

  behind(limit: number): Promise<readonly Account[]> {
    return this.#link.run('accounts_behind', async () => {
      // To MongoDB a limit of 0 is none.
      if (limit <= 0) return [];
      const found = await this.#accounts
        .find({ behindSince: { $gte: 0 } })
        .sort({ behindSince: 1 })
        .limit(limit)
        .toArray();
      return found.map(accountOf);
    });
  }

  caughtUp({ user, sequence, closed, behindSince }: Account): Promise<void> {
    return this.#link.run('account_caught_up', async () => {
      if (behindSince === undefined) return;
      const same = { _id: idBytes(user), sequence, closed, behindSince };
      await this.#accounts.updateOne(same, { $unset: { behindSince: '' } });
    });
  }

  setDisabled(user: UserId, disabled: boolean): Promise<void> {
    return this.#link.run('account_disable', async () => {
      await this.#accounts.updateOne({ _id: idBytes(user) }, { $set: { disabled } });
    });
  }

  revoke({ user, notBefore }: Revocation): Promise<void> {
    return this.#link.run('revoke', async () => {
      const expiresAt = new Date(notBefore + REVOCATION_LIFE_MS);
      const raise = () =>
        this.#revocations.updateOne(
          { _id: idBytes(user) },
          { $max: { notBefore, expiresAt } },
          { upsert: true },
        );
      try {
        await raise();
      } catch (error) {
        // Two first revocations at once: one made the document, the other now finds it.
        if (!isDuplicateKey(error)) throw error;
        await raise();
      }
    });
  }

  revocations(since: number, after: Revocation | undefined, limit: number): Promise<readonly Revocation[]> {
    return this.#link.run('revocations', async () => {
      // To MongoDB a limit of 0 is none.
      if (limit <= 0) return [];
      const found = await this.#revocations
        .find(after === undefined ? { notBefore: { $gte: since } } : behind(after))
        .sort({ notBefore: 1, _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(revocationOf);
    });
  }

  revocationsOf(who: readonly UserId[]): Promise<readonly Revocation[]> {
    return this.#link.run('revocations_of', async () => {
      const found = await this.#revocations.find({ _id: { $in: who.map(idBytes) } }).toArray();
      return found.map(revocationOf);
    });
  }
}

function behind({ user, notBefore }: Revocation): Filter<RevocationDocument> {
  return { $or: [{ notBefore, _id: { $gt: idBytes(user) } }, { notBefore: { $gt: notBefore } }] };
}

function revocationOf({ _id, notBefore }: RevocationDocument): Revocation {
  return { user: storedUserId(_id), notBefore };
}

function accountOf(document: AccountDocument): Account {
  const name = storedUserName(document.name);
  const { sequence, createdAt, closed, behindSince } = document;
  return {
    user: storedUserId(document._id),
    name,
    folded: foldName(name),
    sequence,
    identity: identityOf(document.identity),
    createdAt,
    closed,
    ...(behindSince === undefined ? {} : { behindSince }),
    disabled: document.disabled ?? false,
  };
}

function identityOf(signed: SignedIdentity): SignedIdentity {
  return { document: copied(signed.document), signatures: copied(signed.signatures) };
}
