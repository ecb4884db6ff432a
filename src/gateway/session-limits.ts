import { LRUCache } from 'lru-cache';
import { TokenBucket } from '../domain/token-bucket.ts';
import type { UserId } from '../protocol/ids.ts';
import type { Rate } from '../protocol/limits.ts';

/** What every session of a node is held to. */
export interface SessionRates {
  /** Requests other than `send`, and every `send` that was refused. */
  readonly requests: Rate;
  /** Bytes of frames, whatever is in them. */
  readonly frameBytes: Rate;
}

/**
 * Refusals for a limit before the session is closed for abuse. Far above what a client causes that asks for many rooms
 * at once and comes back a moment after each `retryAfterMs`.
 */
export const IGNORED_LIMITS: Exclude<Rate, 'off'> = { count: 250, periodMs: 1_000, burst: 300 };
/** A refused frame counts once more for every so many bytes. */
export const IGNORED_FRAME_BYTES = 32 * 1024;

/** A reply counts as one more request for every so many bytes: pages of members and of history cost most. */
export const REPLY_BYTES_PER_REQUEST = 32 * 1024;

/**
 * What cannot be decoded counts as so many requests. Programs of a newer protocol ask a few things that are not known here;
 * more than that is of no use to anybody, and telling each what is wrong with it costs more than most requests.
 */
export const UNDECODABLE_REQUESTS = 4;

/** What one session may still do. All of it is charged before a frame is decoded, or after it was refused. */
export class SessionLimits {
  readonly #requests: TokenBucket;
  readonly #frameBytes: TokenBucket;
  #ignored: TokenBucket | undefined;

  constructor(rates: SessionRates, nowMs: number) {
    this.#requests = new TokenBucket(rates.requests, nowMs);
    this.#frameBytes = new TokenBucket(rates.frameBytes, nowMs);
  }

  /** 0, or the milliseconds until a frame of this size is allowed. */
  takeFrame(nowMs: number, byteCount: number): number {
    return this.#frameBytes.take(nowMs, byteCount);
  }

  /** 0, or the milliseconds until another request is allowed. */
  takeRequest(nowMs: number): number {
    return this.#requests.take(nowMs);
  }

  /** Messages have limits of their own, but refused ones are paid for afterwards: 0, or the milliseconds until they are. */
  waitForMessage(nowMs: number): number {
    return this.#requests.take(nowMs, 0);
  }

  messageRefused(nowMs: number): void {
    this.#requests.charge(nowMs);
  }

  /** It was no request of this protocol. */
  undecodable(nowMs: number): void {
    this.#requests.charge(nowMs, UNDECODABLE_REQUESTS - 1);
  }

  /** A reply of this size goes out. Most cost nothing beyond the request itself. */
  replied(nowMs: number, byteCount: number): void {
    const more = Math.floor(byteCount / REPLY_BYTES_PER_REQUEST);
    if (more > 0) this.#requests.charge(nowMs, more);
  }

  /** Nothing would be lost if a new session began with new limits. */
  isFull(nowMs: number): boolean {
    const buckets = [this.#requests, this.#frameBytes, this.#ignored];
    return buckets.every((bucket) => bucket?.isFull(nowMs) !== false);
  }

  /** A frame of this size was refused for a limit. True: that was one too many. */
  ignoredLimit(nowMs: number, byteCount: number): boolean {
    this.#ignored ??= new TokenBucket(IGNORED_LIMITS, nowMs);
    return this.#ignored.take(nowMs, 1 + Math.floor(byteCount / IGNORED_FRAME_BYTES)) > 0;
  }
}

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
