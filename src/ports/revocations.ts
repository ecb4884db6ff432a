import type { UserId } from '../protocol/ids.ts';
import { TOKEN_LIFE_MS } from '../protocol/limits.ts';

/** Clocks of nodes, and of the services behind them, differ by less than this. */
const CLOCK_SKEW_MS = 60 * 60_000;

/** So long after its `notBefore` a revocation may still kill a token: those issued before have ended by then. */
export const REVOCATION_LIFE_MS: number = TOKEN_LIFE_MS + CLOCK_SKEW_MS;

/** Revocations that a cache holds. More of them live in the store alone, and are looked up one by one. */
export const REVOCATIONS_CACHED_MAX = 100_000;

export interface Revocation {
  readonly user: UserId;
  /** Tokens issued before this time (milliseconds since 1970) are dead. */
  readonly notBefore: number;
}

/**
 * A cache of revocations that every resume reads; the truth is in the identity store. It may lose everything, never a part:
 * a cache that is not marked complete has to be filled from the store before it is believed. It loses everything too when
 * it would hold more than REVOCATIONS_CACHED_MAX.
 */
export interface Revocations {
  /** The latest time of any of these. Undefined: the cache is not complete. 0: nothing is revoked. Throws Unavailable. */
  notBefore(who: readonly UserId[]): Promise<number | undefined>;
  /** Raises what is smaller. */
  add(revocations: readonly Revocation[]): Promise<void>;
  /** Adds all, then marks the cache complete. */
  fill(revocations: readonly Revocation[]): Promise<void>;
}
