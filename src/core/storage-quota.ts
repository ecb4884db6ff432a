import { LruMap } from '../lib/lru-map.ts';
import type { Refusal } from '../protocol/error-reply.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import type { Rate } from '../protocol/limits.ts';
import type { LimitName, RateGate } from './rate-gate.ts';
import type { ServiceLimits } from './service-limits.ts';

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

  constructor(gate: RateGate, limits: ServiceLimits) {
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
  readonly #kept = new LruMap<string, { bytes: number }>(RESERVES_MAX);

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
