import type { SignedIdentity } from '../protocol/entities.ts';
import type { UserId } from '../protocol/ids.ts';
import type { FoldedName, UserName } from '../protocol/names.ts';
import type { Revocation } from './revocations.ts';

export interface Account {
  readonly user: UserId;
  readonly name: UserName;
  readonly folded: FoldedName;
  /** Sequence and signed document in force. */
  readonly sequence: number;
  readonly identity: SignedIdentity;
  readonly createdAt: number;
  readonly closed: boolean;
}

/** Accounts and their identity documents, never deleted. Writes are durable when they resolve. All throw Unavailable. */
export interface IdentityStore {
  /** Atomic: a folded name is given once, ever. */
  create(account: Account): Promise<'created' | 'name_taken'>;
  byName(name: FoldedName): Promise<Account | undefined>;
  /** In no order; unknown ones are left out. */
  byIds(users: readonly UserId[]): Promise<readonly Account[]>;
  /** Documents with `sequence >= since`, ascending, at most `limit`. */
  chain(user: UserId, since: number, limit: number): Promise<readonly SignedIdentity[]>;
  /** Raises the time before which the user's tokens are dead. */
  revoke(revocation: Revocation): Promise<void>;
  /** All revocations with `notBefore >= since`. */
  revocations(since: number): Promise<readonly Revocation[]>;
}
