import { TokenBucket } from '../domain/token-bucket.ts';
import { LruMap } from '../lib/lru-map.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { UserId } from '../protocol/ids.ts';
import type { WallClock } from './core-parts.ts';
import type { ServiceLimits } from './service-limits.ts';

/** Users whose buckets are kept; the one that sent longest ago begins with full ones again. */
export const MESSAGE_RATE_USERS_MAX = 50_000;

interface Buckets {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
}

/** How much one user may send on this node, whatever the number of sessions. Asks no other service. */
export class MessageRates {
  readonly #limits: ServiceLimits;
  readonly #telemetry: Telemetry;
  readonly #clock: WallClock;
  readonly #users = new LruMap<UserId, Buckets>(MESSAGE_RATE_USERS_MAX);
  readonly #isOff: boolean;

  constructor(limits: ServiceLimits, telemetry: Telemetry, clock: WallClock) {
    this.#limits = limits;
    this.#telemetry = telemetry;
    this.#clock = clock;
    this.#isOff = limits.rateMessagesUser === 'off' && limits.rateMessageBytesUser === 'off';
  }

  /** Undefined: go on. */
  take(user: UserId, byteCount: number): Refusal | undefined {
    if (this.#isOff) return undefined;
    const nowMs = this.#clock.nowMs();
    const { messages, bytes } = this.#buckets(user, nowMs);
    const messageWaitMs = messages.take(nowMs);
    if (messageWaitMs > 0) return this.#refused('messages_user', messageWaitMs);
    const bytesWaitMs = bytes.take(nowMs, byteCount);
    return bytesWaitMs > 0 ? this.#refused('message_bytes_user', bytesWaitMs) : undefined;
  }

  #refused(limit: 'messages_user' | 'message_bytes_user', retryAfterMs: number): Refusal {
    this.#telemetry.rateLimited(limit);
    return refuse('rate_limited', { retryAfterMs });
  }

  #buckets(user: UserId, nowMs: number): Buckets {
    const kept = this.#users.get(user);
    if (kept !== undefined) return kept;
    const { rateMessagesUser, rateMessageBytesUser } = this.#limits;
    const buckets = {
      messages: new TokenBucket(rateMessagesUser, nowMs),
      bytes: new TokenBucket(rateMessageBytesUser, nowMs),
    };
    this.#users.set(user, buckets);
    return buckets;
  }
}
