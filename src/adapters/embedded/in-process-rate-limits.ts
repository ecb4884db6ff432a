import { TokenBucket } from '../../domain/token-bucket.ts';
import type { RateLimits, RateOutcome } from '../../ports/rate-limits.ts';
import type { Rate } from '../../protocol/limits.ts';
import type { RelayGate } from './relay-gate.ts';

/** Buckets kept at once. */
const BUCKETS_MAX = 100_000;
/** Buckets looked at to find full ones, each time room is needed: the price of one take() stays bounded. */
const EVICTION_SCAN_MAX = 64;

type Entry = { readonly rate: Rate; readonly bucket: TokenBucket };

/** The buckets of all nodes of this process. */
export class BucketTable {
  readonly #nowMs: () => number;
  readonly #max: number;
  /** In order of use, the latest last. */
  readonly #entries = new Map<string, Entry>();

  /** `nowMs` must never go back. */
  constructor(nowMs: () => number, max: number = BUCKETS_MAX) {
    this.#nowMs = nowMs;
    this.#max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  take(key: string, rate: Rate, cost: number): RateOutcome {
    const nowMs = this.#nowMs();
    const entry = this.#entryOf(key, rate, nowMs);
    const retryAfterMs = entry.bucket.take(nowMs, cost);
    return retryAfterMs === 0 ? { allowed: true } : { allowed: false, retryAfterMs };
  }

  /** A bucket that was forgotten is full. */
  giveBack(key: string, rate: Rate, cost: number): void {
    const known = this.#entries.get(key);
    if (known !== undefined && sameRate(known.rate, rate)) known.bucket.giveBack(cost);
  }

  #entryOf(key: string, rate: Rate, nowMs: number): Entry {
    const known = this.#entries.get(key);
    this.#entries.delete(key);
    const entry =
      known !== undefined && sameRate(known.rate, rate)
        ? known
        : { rate, bucket: new TokenBucket(rate, nowMs) };
    if (this.#entries.size >= this.#max) this.#makeRoom(nowMs);
    this.#entries.set(key, entry);
    return entry;
  }

  /**
   * Full buckets among those used longest ago are forgotten without harm. Only when there is none is a bucket forgotten
   * that still held something back: the one used longest ago, which by then has refilled the most.
   */
  #makeRoom(nowMs: number): void {
    let looked = 0;
    let oldest: string | undefined;
    for (const [key, { bucket }] of this.#entries) {
      oldest ??= key;
      if (bucket.isFull(nowMs)) this.#entries.delete(key);
      looked += 1;
      if (looked >= EVICTION_SCAN_MAX) break;
    }
    if (oldest !== undefined && this.#entries.size >= this.#max) this.#entries.delete(oldest);
  }
}

function sameRate(a: Rate, b: Rate): boolean {
  if (a === 'off' || b === 'off') return a === b;
  return a.count === b.count && a.periodMs === b.periodMs && a.burst === b.burst;
}

/** One node's way to the buckets of this process. */
export class InProcessRateLimits implements RateLimits {
  readonly #table: BucketTable;
  readonly #gate: RelayGate;

  constructor(table: BucketTable, gate: RelayGate) {
    this.#table = table;
    this.#gate = gate;
  }

  async take(key: string, rate: Rate, cost = 1): Promise<RateOutcome> {
    if (rate === 'off') return { allowed: true };
    await this.#gate.pass('limits');
    return this.#table.take(key, rate, cost);
  }

  async giveBack(key: string, rate: Rate, cost = 1): Promise<void> {
    if (rate === 'off') return;
    await this.#gate.pass('limits');
    this.#table.giveBack(key, rate, cost);
  }
}
