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
  /**
   * Since when (milliseconds since 1970) tokens and rosters may not yet say what the account says: it has new keys, or was
   * closed. Absent while all is in step.
   */
  readonly behindSince?: number;
  /** By an operator: nobody logs in to it. */
  readonly disabled: boolean;
}

/** A document that takes the place of the one before it, at a time in milliseconds since 1970. */
export interface IdentityReplacement {
  readonly user: UserId;
  /** One more than that of the document before. */
  readonly sequence: number;
  readonly identity: SignedIdentity;
  readonly at: number;
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
  /** Atomic: holds only while the account is open and at the sequence before. It is behind from then on, see Account. */
  replace(replacement: IdentityReplacement): Promise<'replaced' | 'conflict'>;
  /** For ever; name and documents stay. From the first time on the account is behind, since `at`. */
  close(user: UserId, at: number): Promise<void>;
  /** Accounts that are behind, longest first, at most `limit`. */
  behind(limit: number): Promise<readonly Account[]>;
  /** The account is in step with what it was when it was read; one that changed since then stays behind. */
  caughtUp(account: Account): Promise<void>;
  /** Nothing happens to an account that is not there. */
  setDisabled(user: UserId, disabled: boolean): Promise<void>;
  /** Raises the time before which the user's tokens are dead. */
  revoke(revocation: Revocation): Promise<void>;
  /**
   * The next revocations with `notBefore >= since`, ascending by time and then by user, from behind `after` on, at most
   * `limit`. One that is older than REVOCATION_LIFE_MS may be gone; the store reclaims its space by itself.
   */
  revocations(since: number, after: Revocation | undefined, limit: number): Promise<readonly Revocation[]>;
  /** The revocations of these, in no order; who has none is left out. One indexed look-up for each. */
  revocationsOf(who: readonly UserId[]): Promise<readonly Revocation[]>;
}
