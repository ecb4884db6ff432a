import type { Background } from '../lib/background.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { Refusal } from '../protocol/error-reply.ts';
import type { UserId } from '../protocol/ids.ts';
import type { Rate } from '../protocol/limits.ts';
import type { FoldedName } from '../protocol/names.ts';
import type { CoreLimits } from './core-parts.ts';
import type { LimitName, RateGate } from './limits.ts';

interface Taken {
  readonly limit: LimitName;
  readonly rate: Rate;
  readonly about: string;
}

/** An attempt that may be made. Unless one of these is called, it counts as a wrong one; only the first call has an effect. */
export interface PasswordAttempt {
  /** It was right, or was not looked at: it costs nothing. */
  costsNothing(): void;
  /** A member was wrong: it draws on the member's own limit, and on nothing that holds up others. */
  costsUserAlone(): void;
}

/**
 * How often passwords of rooms may be guessed. What counts is wrong attempts, by room name, whether there is such a room or
 * not. Every user has a limit for each room, and within it a smaller share that is the user's alone. Only who has used up
 * that share draws on the limit that all users of the room have together.
 *
 * So, per room, n accounts get at most as many guesses as the room's limit and n shares allow: by default 30 a minute and
 * 3n an hour. And however many accounts keep the room's limit empty, nobody is held up by it who was not wrong as often as
 * a share allows.
 */
export class PasswordAttempts {
  readonly #gate: RateGate;
  readonly #limits: CoreLimits;
  readonly #background: Background<LogEvent>;

  constructor(gate: RateGate, limits: CoreLimits, background: Background<LogEvent>) {
    this.#gate = gate;
    this.#limits = limits;
    this.#background = background;
  }

  /** To be called before the password is looked at. Throws Unavailable. */
  async begin(user: UserId, room: FoldedName): Promise<PasswordAttempt | Refusal> {
    const { ratePasswordUser, ratePasswordShare, ratePasswordRoom } = this.#limits;
    const about = `${user}:${room}`;
    const ofUser: Taken = { limit: 'password_user', rate: ratePasswordUser, about };
    const share: Taken = { limit: 'password_share', rate: ratePasswordShare, about };
    const ofRoom: Taken = { limit: 'password_room', rate: ratePasswordRoom, about: room };
    const slowed = await this.#gate.take(ofUser.limit, ofUser.rate, about);
    if (slowed !== undefined) return slowed;
    if (await this.#gate.has(share.limit, share.rate, about)) return this.#attempt(ofUser, share);
    const crowded = await this.#gate.take(ofRoom.limit, ofRoom.rate, room);
    if (crowded === undefined) return this.#attempt(ofUser, ofRoom);
    this.#giveBack(ofUser);
    return crowded;
  }

  #attempt(ofUser: Taken, shared: Taken): PasswordAttempt {
    let isOver = false;
    const end = (...taken: readonly Taken[]): void => {
      if (!isOver) this.#giveBack(...taken);
      isOver = true;
    };
    return { costsNothing: () => end(ofUser, shared), costsUserAlone: () => end(shared) };
  }

  /** In the background: a user who was right does not wait for it. */
  #giveBack(...taken: readonly Taken[]): void {
    this.#background.run('password_given_back', async () => {
      for (const { limit, rate, about } of taken) await this.#gate.giveBack(limit, rate, about);
    });
  }
}
