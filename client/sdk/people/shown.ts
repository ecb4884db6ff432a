import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { Trust } from './trust-level.ts';

export interface KeyInfo {
  readonly fingerprint: string;
  /** Counts the account's identity documents from 0. */
  readonly sequence: number;
  readonly createdAt: number;
  readonly current: boolean;
}

/** Exactly the key that somebody was shown. A decision takes this, never a name: what was shown is what is accepted. */
export interface ShownKey {
  readonly user: UserId;
  readonly signed: SignedIdentity;
}

export interface Person {
  readonly user: UserName;
  readonly id: UserId;
  /** Of the identity that is accepted; with trust `changed`, of the one that waits to be accepted. */
  readonly fingerprint: string;
  readonly trust: Trust;
  readonly keys: readonly KeyInfo[];
  /** For `trust` and `verify`. */
  readonly shown: ShownKey;
}

export interface Safety {
  readonly user: UserName;
  /** Twelve groups of five digits, separated by spaces. */
  readonly number: string;
  readonly trust: Trust;
  /** For `trust` and `verify`. */
  readonly shown: ShownKey;
}

/** The prekeys of the own account, as others find them. */
export interface PublishedPrekeys {
  /** Weeks after this one for which there are prekeys. */
  readonly weeksAhead: number;
  /** When this profile published some last, in milliseconds since 1970. Absent: a client of an earlier release did. */
  readonly publishedAt?: number;
}
