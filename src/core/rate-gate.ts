import type { RateLimits } from '../ports/rate-limits.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { Rate } from '../protocol/limits.ts';

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
  | 'room_acts_user'
  | 'messages_user'
  | 'message_bytes_user'
  | 'stored_bytes_user'
  | 'stored_bytes_room';

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
  async giveBack(limit: LimitName, rate: Rate, about: string): Promise<void> {
    await this.#limits.giveBack(`${limit}:${about}`, rate);
  }
}
