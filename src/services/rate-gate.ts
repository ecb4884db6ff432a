import type { RateLimits } from '../ports/rate-limits.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { Rate } from '../protocol/limits.ts';

export type LimitName =
  | 'registrations_address'
  | 'logins_name'
  | 'logins_address'
  | 'password_user'
  | 'password_room'
  | 'joins_user_room'
  | 'creates_user'
  | 'logouts_user'
  | 'rotations_user'
  | 'room_acts_user'
  | 'messages_user'
  | 'message_bytes_user';

/** The limits that all nodes share, as refusals. */
export class RateGate {
  readonly #limits: RateLimits;
  readonly #telemetry: Telemetry;

  constructor(limits: RateLimits, telemetry: Telemetry) {
    this.#limits = limits;
    this.#telemetry = telemetry;
  }

  /** Undefined: go on. `about` says whose bucket it is. Throws Unavailable. */
  async take(limit: LimitName, rate: Rate, about: string): Promise<Refusal | undefined> {
    const outcome = await this.#limits.take(`${limit}:${about}`, rate);
    if (outcome.allowed) return undefined;
    this.#telemetry.rateLimited(limit);
    return refuse('rate_limited', { retryAfterMs: outcome.retryAfterMs });
  }
}
