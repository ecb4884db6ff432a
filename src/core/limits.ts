import { TokenBucket } from '../domain/token-bucket.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import type { RateLimits } from '../ports/rate-limits.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import type { Rate } from '../protocol/limits.ts';
import type { CoreLimits, WallClock } from './core-parts.ts';

/** Users whose buckets are kept; the one that sent longest ago begins with full ones again. */
export const MESSAGE_RATE_USERS_MAX = 50_000;
/** Users, and rooms, whose reserves are kept; the reserve of the one that stored longest ago is lost to it. */
export const RESERVES_MAX = 50_000;
/**
 * A node takes bytes from the cluster's limit in advance, so that most messages ask no other service: this part of the
 * burst, but no more than RESERVED_BYTES_MAX.
 */
const RESERVED_PART = 1 / 256;
export const RESERVED_BYTES_MAX: number = 4 * 1_024 * 1_024;
/** What a stored message takes beside its own bytes. */
const ROW_BYTES = 256;

export type LimitName =
  | 'registrations_address'
  | 'invites'
  | 'logins_name'
  | 'logins_address'
  | 'password_user'
  | 'password_share'
  | 'password_room'
  | 'joins_user_room'
  | 'roster_changes_user'
  | 'creates_user'
  | 'logouts_user'
  | 'rotations_user'
  | 'prekeys_user'
  | 'backups_user'
  | 'backup_tries_name'
  | 'backup_tries_address'
  | 'links_user'
  | 'links_address'
  | 'invites_user'
  | 'invites_pair'
  | 'state_user'
  | 'epochs_room'
  | 'epoch_repairs_user_room'
  | 'room_acts_user'
  | 'messages_user'
  | 'message_bytes_user'
  | 'stored_bytes_user'
  | 'stored_bytes_room'
  | 'upload_bytes_user'
  | 'upload_bytes_room'
  | 'upload_bytes_all';

/** The limits that all nodes share, as refusals. */
export class RateGate {
  readonly #limits: RateLimits;
  readonly #telemetry: Telemetry;

  constructor(limits: RateLimits, telemetry: Telemetry) {
    this.#limits = limits;
    this.#telemetry = telemetry;
  }

  /** Undefined: go on. `about` says whose bucket it is. Throws Unavailable. */
  async take(limit: LimitName, rate: Rate, about: string, cost = 1): Promise<Refusal | undefined> {
    const outcome = await this.#limits.take(`${limit}:${about}`, rate, cost);
    if (outcome.allowed) return undefined;
    this.#telemetry.rateLimited(limit);
    return refuse('rate_limited', { retryAfterMs: outcome.retryAfterMs });
  }

  /** As take(), where another way is left when there is too little: it is no refusal, and is not counted as one. */
  async has(limit: LimitName, rate: Rate, about: string, cost = 1): Promise<boolean> {
    return (await this.#limits.take(`${limit}:${about}`, rate, cost)).allowed;
  }

  /** What take() took turned out not to count. Throws Unavailable. */
  async giveBack(limit: LimitName, rate: Rate, about: string, cost = 1): Promise<void> {
    await this.#limits.giveBack(`${limit}:${about}`, rate, cost);
  }
}

interface Buckets {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
}

/** How much one user may send on this node, whatever the number of sessions. Asks no other service. */
export class MessageRates {
  readonly #limits: CoreLimits;
  readonly #telemetry: Telemetry;
  readonly #clock: WallClock;
  readonly #users = boundedCache<UserId, Buckets>(MESSAGE_RATE_USERS_MAX);
  readonly #isOff: boolean;

  constructor(limits: CoreLimits, telemetry: Telemetry, clock: WallClock) {
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

/** What a message takes in the store: most of it is the wraps. */
export function storedBytes(message: {
  readonly header: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly wraps: Uint8Array;
}): number {
  return message.header.length + message.ciphertext.length + message.wraps.length + ROW_BYTES;
}

/** How much one user, and one room, may store in a time, over all nodes. */
export class StorageQuota {
  readonly #users: Reserves;
  readonly #rooms: Reserves;

  constructor(gate: RateGate, limits: CoreLimits) {
    this.#users = new Reserves(gate, 'stored_bytes_user', limits.rateStoredBytesUser);
    this.#rooms = new Reserves(gate, 'stored_bytes_room', limits.rateStoredBytesRoom);
  }

  /** Undefined: go on. Throws Unavailable. */
  async take(user: UserId, room: RoomId, byteCount: number): Promise<Refusal | undefined> {
    const ofUser = await this.#users.take(user, byteCount);
    if (ofUser !== undefined) return ofUser;
    const ofRoom = await this.#rooms.take(room, byteCount);
    if (ofRoom !== undefined) this.#users.giveBack(user, byteCount);
    return ofRoom;
  }

  /** What was taken for a message that was not stored. */
  giveBack(user: UserId, room: RoomId, byteCount: number): void {
    this.#users.giveBack(user, byteCount);
    this.#rooms.giveBack(room, byteCount);
  }
}

/** One limit, and what this node took of it in advance. */
class Reserves {
  readonly #gate: RateGate;
  readonly #limit: LimitName;
  readonly #rate: Rate;
  readonly #inAdvance: number;
  readonly #kept = boundedCache<string, { bytes: number }>(RESERVES_MAX);

  constructor(gate: RateGate, limit: LimitName, rate: Rate) {
    this.#gate = gate;
    this.#limit = limit;
    this.#rate = rate;
    const burst = rate === 'off' ? 0 : rate.burst;
    this.#inAdvance = Math.min(RESERVED_BYTES_MAX, Math.floor(burst * RESERVED_PART));
  }

  async take(about: string, byteCount: number): Promise<Refusal | undefined> {
    if (this.#rate === 'off') return undefined;
    const reserve = this.#reserveOf(about);
    // Taken before the pause: sends of one moment do not spend the same bytes.
    const kept = Math.min(reserve.bytes, byteCount);
    reserve.bytes -= kept;
    const missing = byteCount - kept;
    if (missing === 0) return undefined;
    const wanted = Math.max(missing, this.#inAdvance);
    if (await this.#gate.has(this.#limit, this.#rate, about, wanted)) {
      reserve.bytes += wanted - missing;
      return undefined;
    }
    const refusal = await this.#gate.take(this.#limit, this.#rate, about, missing);
    if (refusal !== undefined) reserve.bytes += kept;
    return refusal;
  }

  giveBack(about: string, byteCount: number): void {
    if (this.#rate !== 'off') this.#reserveOf(about).bytes += byteCount;
  }

  #reserveOf(about: string): { bytes: number } {
    const kept = this.#kept.get(about);
    if (kept !== undefined) return kept;
    const reserve = { bytes: 0 };
    this.#kept.set(about, reserve);
    return reserve;
  }
}
