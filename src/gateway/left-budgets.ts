import { LRUCache } from 'lru-cache';
import type { UserId } from '../protocol/ids.ts';
import type { SessionLimits } from './session-limits.ts';

/** Budgets of ended sessions that a node keeps. Beyond, the user who was away longest starts with full ones. */
export const LEFT_BUDGETS_MAX = 50_000;

/**
 * What the ended sessions of each user had left to spend. A new session takes over one of these, so that reconnecting refills
 * nothing, while a user with two devices still has a budget for each.
 */
export class LeftBudgets {
  readonly #byUser = new LRUCache<UserId, readonly SessionLimits[]>({ maxSize: LEFT_BUDGETS_MAX });

  /** A session of the user ended. */
  leave(user: UserId, limits: SessionLimits, nowMs: number): void {
    this.#keep(user, [...this.#spent(user, nowMs), ...(limits.isFull(nowMs) ? [] : [limits])]);
  }

  /** For a new session of the user. Undefined: it starts with a full budget. */
  take(user: UserId, nowMs: number): SessionLimits | undefined {
    const [taken, ...rest] = this.#spent(user, nowMs);
    this.#keep(user, rest);
    return taken;
  }

  #spent(user: UserId, nowMs: number): readonly SessionLimits[] {
    return this.#byUser.get(user)?.filter((limits) => !limits.isFull(nowMs)) ?? [];
  }

  #keep(user: UserId, spent: readonly SessionLimits[]): void {
    if (spent.length === 0) this.#byUser.delete(user);
    else this.#byUser.set(user, spent, { size: spent.length });
  }
}
