import type { UserId } from '../protocol/ids.ts';

export interface Revocation {
  readonly user: UserId;
  /** Tokens issued before this time (milliseconds since 1970) are dead. */
  readonly notBefore: number;
}

/**
 * A cache of revocations that every resume reads; the truth is in the identity store. It may lose everything, never a part:
 * a cache that is not marked complete has to be filled from the store before it is believed.
 */
export interface Revocations {
  /** The latest time of any of these. Undefined: the cache is not complete. 0: nothing is revoked. Throws Unavailable. */
  notBefore(who: readonly UserId[]): Promise<number | undefined>;
  /** Raises what is smaller. */
  add(revocations: readonly Revocation[]): Promise<void>;
  /** Adds all, then marks the cache complete. */
  fill(revocations: readonly Revocation[]): Promise<void>;
}
