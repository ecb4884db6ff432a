import { TokenBucket } from '../domain/token-bucket.ts';
import type { Telemetry } from '../ports/telemetry.ts';
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

/** What cannot be decoded counts as so many requests: telling what is wrong with it costs more than most requests do. */
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

/** What one user, or one address before the login, may begin at once, and in each turn while more of it waits. A small request is one unit. */
export const TURN_UNITS = 4;
/** What a user may go on beginning without waiting for a turn. */
export const UNITS_PER_SECOND = 50;
/** What begins in one turn of the event loop of all that waited. */
export const TURN_UNITS_NODE = 16;
/** Challenges and signatures cost the node as much as so many requests. */
export const UNITS_BEFORE_LOGIN = 4;
/** A frame or a reply costs one more unit for every so many bytes. A frame of so many is copied in the time that it takes to handle it. */
export const BYTES_PER_UNIT = 16 * 1024;
/** Replies are paid for afterwards, up to this. */
export const DEBT_UNITS_MAX = 64;
/** What waits of one session, and bytes of all together. */
export const WAITING_FRAMES_MAX = 512;
export const WAITING_BYTES_MAX: number = 4 * 1024 * 1024;
export const WAITING_BYTES_NODE_MAX: number = 64 * 1024 * 1024;
/** Shares that are known before those which are full again are forgotten. */
const SHARES_KEPT = 1_024;

/** Frames of one session, oldest first. */
export interface WaitingFrames {
  readonly frames: { readonly bytes: Uint8Array; readonly arrivedAtMs: number }[];
  byteCount: number;
  /** Of whom this session is among the senders. */
  share: Share;
}

/** A session, as its turns see it. */
export interface FrameSender {
  /** Who shares a turn with it: the sessions of a user, or of an address before the login. */
  readonly turnKey: string;
  readonly isLoggedIn: boolean;
  waiting: WaitingFrames | undefined;
  /** The last one that was looked up for it. */
  share: Share | undefined;
}

/** What one key may still begin. */
export interface Share {
  /** Undefined once it is forgotten. */
  key: string | undefined;
  units: number;
  /** When time last added to it. */
  atMs: number;
  /** Those with frames that wait, the one that is next first. */
  readonly senders: FrameSender[];
}

/** `now`: the caller handles it. `waits`: in a turn to come. `too_many`, `too_large`: never, by WAITING_FRAMES_MAX or WAITING_BYTES_…. */
type Arrived = 'now' | 'waits' | 'too_many' | 'too_large';

/**
 * Shares the event loop among users. A frame of a user who sends a little is handled as it arrives. What is more waits, and
 * begins in later turns of the event loop by deficit round robin (Shreedhar and Varghese, 1995): users take turns,
 * and one whose requests have large replies gets fewer of them. A socket can't be told to stop reading (uWebSockets.js has
 * no such call), so what waits is bounded by count and bytes. Frames of one session stay in order.
 */
export class FrameTurns<Sender extends FrameSender> {
  readonly #handle: (sender: Sender, bytes: Uint8Array, arrivedAtMs: number) => void;
  readonly #telemetry: Telemetry;
  readonly #nextTurn: (run: () => void) => void;
  readonly #shares = new Map<string, Share>();
  /** Those with senders, the one whose turn is next first. */
  readonly #queue = new Set<Share>();
  #waitingBytes = 0;
  #sharesMax = SHARES_KEPT;
  #nodeUnits = TURN_UNITS_NODE;
  #nowMs = 0;
  #isScheduled = false;

  /** `handle` gets what waited; it must not throw. */
  constructor(
    handle: (sender: Sender, bytes: Uint8Array, arrivedAtMs: number) => void,
    telemetry: Telemetry,
    nextTurn: (run: () => void) => void = setImmediate,
  ) {
    this.#handle = handle;
    this.#telemetry = telemetry;
    this.#nextTurn = nextTurn;
  }

  /** Copies the bytes if they wait. */
  arrived(sender: Sender, bytes: Uint8Array, nowMs: number): Arrived {
    this.#nowMs = nowMs;
    // Logins always wait, if only for the end of this turn: many at once must not make one long turn of it.
    if (sender.waiting === undefined && sender.isLoggedIn) {
      const share = this.#shareOf(sender);
      const more = (nowMs - share.atMs) * (UNITS_PER_SECOND / 1_000);
      share.units = Math.min(TURN_UNITS, share.units + more);
      share.atMs = nowMs;
      if (share.units >= 1 || bytes.length >= BYTES_PER_UNIT) {
        spend(share, unitsOf(bytes.length, 1));
        return 'now';
      }
    }
    return this.#wait(sender, bytes, nowMs);
  }

  #wait(sender: Sender, bytes: Uint8Array, arrivedAtMs: number): Arrived {
    const frames: WaitingFrames['frames'] = sender.waiting?.frames ?? [];
    const byteCount = sender.waiting?.byteCount ?? 0;
    if (frames.length >= WAITING_FRAMES_MAX) return 'too_many';
    const more = bytes.length;
    if (byteCount + more > WAITING_BYTES_MAX || this.#waitingBytes + more > WAITING_BYTES_NODE_MAX)
      return 'too_large';
    const copy = Buffer.from(bytes);
    frames.push({ bytes: new Uint8Array(copy.buffer, copy.byteOffset, more), arrivedAtMs });
    sender.waiting ??= { frames, byteCount, share: this.#enqueue(sender) };
    this.#count(sender.waiting, more);
    return 'waits';
  }

  #enqueue(sender: Sender): Share {
    const share = this.#shareOf(sender);
    share.senders.push(sender);
    this.#queue.add(share);
    this.#schedule();
    return share;
  }

  #count(waiting: WaitingFrames, change: number): void {
    waiting.byteCount += change;
    this.#waitingBytes += change;
    this.#telemetry.waitingFrameBytes(change);
  }

  #schedule(): void {
    if (!this.#isScheduled) this.#nextTurn(this.#run);
    this.#isScheduled = true;
  }

  /** Each share at most once. One that is passed over stays in front of those that are served. */
  readonly #run = (): void => {
    this.#isScheduled = false;
    this.#nodeUnits = Math.min(TURN_UNITS_NODE, this.#nodeUnits + TURN_UNITS_NODE);
    let unseen = this.#queue.size;
    for (const share of this.#queue) {
      if (unseen === 0 || this.#nodeUnits <= 0) break;
      unseen -= 1;
      share.units = Math.min(TURN_UNITS, share.units + TURN_UNITS);
      if (share.units <= 0) continue;
      this.#serve(share);
      this.#queue.delete(share);
      if (share.senders.length > 0) this.#queue.add(share);
    }
    if (this.#queue.size > 0) this.#schedule();
  };

  /** A frame of each of its senders in turn. */
  #serve(share: Share): void {
    while (share.units > 0 && this.#nodeUnits > 0) {
      const sender = share.senders.shift() as Sender | undefined;
      if (sender === undefined) return;
      const { waiting } = sender;
      // It logged in meanwhile.
      if (waiting !== undefined && sender.turnKey !== share.key) waiting.share = this.#enqueue(sender);
      else this.#next(share, sender);
    }
  }

  #next(share: Share, sender: Sender): void {
    const { waiting } = sender;
    const next = waiting?.frames.shift();
    if (waiting === undefined || next === undefined) return;
    const units = unitsOf(next.bytes.length, 1);
    spend(share, units);
    this.#nodeUnits -= sender.isLoggedIn ? units : UNITS_BEFORE_LOGIN * units;
    this.#count(waiting, -next.bytes.length);
    if (waiting.frames.length > 0) share.senders.push(sender);
    else sender.waiting = undefined;
    this.#handle(sender, next.bytes, next.arrivedAtMs);
  }

  /** A reply of this size goes out to the sender: a large one is paid for in turns to come. */
  replied(sender: Sender, byteCount: number): void {
    if (byteCount < BYTES_PER_UNIT) return;
    spend(this.#shareOf(sender), unitsOf(byteCount, 0));
    this.#nodeUnits = Math.max(-DEBT_UNITS_MAX, this.#nodeUnits - unitsOf(byteCount, 0));
  }

  /** Drops what waits. */
  ended(sender: Sender): void {
    const { waiting } = sender;
    if (waiting === undefined) return;
    this.#count(waiting, -waiting.byteCount);
    sender.waiting = undefined;
    const { senders } = waiting.share;
    senders.splice(senders.indexOf(sender), 1);
    if (senders.length === 0) this.#queue.delete(waiting.share);
  }

  #shareOf(sender: Sender): Share {
    const { turnKey: key, share } = sender;
    if (share?.key === key) return share;
    if (this.#shares.size >= this.#sharesMax) this.#forgetFull();
    const found = this.#shares.get(key) ?? { key, units: TURN_UNITS, atMs: this.#nowMs, senders: [] };
    this.#shares.set(key, found);
    sender.share = found;
    return found;
  }

  /** A full share is like a new one. */
  #forgetFull(): void {
    for (const [key, share] of this.#shares) {
      const units = share.units + ((this.#nowMs - share.atMs) * UNITS_PER_SECOND) / 1_000;
      if (share.senders.length > 0 || units < TURN_UNITS) continue;
      share.key = undefined;
      this.#shares.delete(key);
    }
    this.#sharesMax = Math.max(SHARES_KEPT, 2 * this.#shares.size);
  }
}

function spend(share: Share, units: number): void {
  share.units = Math.max(-DEBT_UNITS_MAX, share.units - units);
}

function unitsOf(byteCount: number, least: number): number {
  return least + Math.floor(byteCount / BYTES_PER_UNIT);
}
