import type { Rate } from '../protocol/limits.ts';

export type RateOutcome =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterMs: number };

/** Token buckets shared by all nodes. */
export interface RateLimits {
  /**
   * Takes `cost` tokens (1 without it) of the bucket `key` in one atomic step, or none. A rate of 'off' always allows, without
   * asking the service. Throws Unavailable.
   */
  take(key: string, rate: Rate, cost?: number): Promise<RateOutcome>;
  /** Puts back what take() took for the same key, rate and cost; a bucket never holds more than its burst. Throws Unavailable. */
  giveBack(key: string, rate: Rate, cost?: number): Promise<void>;
}
