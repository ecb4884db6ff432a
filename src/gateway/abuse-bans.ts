import { LRUCache } from 'lru-cache';
import type { UserId } from '../protocol/ids.ts';

/** How long the first ban of a user lasts. Each one after it lasts twice as long. */
export const BAN_MS_MIN = 5_000;
/** The longest ban: honest clients wait no longer on a server's advice. */
export const BAN_MS_MAX = 600_000;
/** Once a ban has been over for this long, it is forgotten. */
export const BAN_REMEMBERED_MS = 3_600_000;
/** Banned users that a node remembers. Beyond, the one who came or went longest ago is forgiven. */
export const BANS_MAX = 50_000;

interface Ban {
  readonly lengthMs: number;
  readonly untilMs: number;
}

/** Users whose sessions this node closed for abuse, and who may not log in here for a while. */
export class AbuseBans {
  readonly #bans = new LRUCache<UserId, Ban>({ max: BANS_MAX });

  /** A session of the user was closed for abuse. Others that were open beside it make the same ban no longer. */
  abused(user: UserId, nowMs: number): void {
    const last = this.#bans.get(user);
    if (last !== undefined && nowMs < last.untilMs) return;
    const isRemembered = last !== undefined && nowMs < last.untilMs + BAN_REMEMBERED_MS;
    const lengthMs = isRemembered ? Math.min(2 * last.lengthMs, BAN_MS_MAX) : BAN_MS_MIN;
    this.#bans.set(user, { lengthMs, untilMs: nowMs + lengthMs });
  }

  /** 0, or the milliseconds until the user may log in again. */
  waitMs(user: UserId, nowMs: number): number {
    const ban = this.#bans.get(user);
    return ban === undefined ? 0 : Math.max(0, Math.ceil(ban.untilMs - nowMs));
  }
}
