const LOGIN_TICK_MS = 250;
const BEAT_MS = 1_000;
/** A tick that is later than this finds a node that was paused, and sent no pings: its peers had nothing to answer. */
const PAUSED_MS = 5_000;

export interface Deadlined {
  readonly startedAtMs: number;
  isDone(): boolean;
  deadlinePassed(): void;
}

/**
 * One deadline of the same length for many things: since they end in the order in which they began, a queue and one
 * timer are enough, however many there are. The timer is set for the oldest that is not done, and only while something
 * waits; what is done stays in the queue until then.
 */
export class DeadlineQueue {
  readonly lifeMs: number;
  #waiting: Deadlined[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(lifeMs: number) {
    this.lifeMs = lifeMs;
  }

  add(entry: Deadlined): void {
    this.#waiting.push(entry);
    this.#timer ??= setTimeout(this.#look, this.lifeMs);
  }

  readonly #look = (): void => {
    const now = performance.now();
    let at = 0;
    let waitMs = 0;
    for (; at < this.#waiting.length; at += 1) {
      const entry = this.#waiting[at];
      if (entry === undefined || entry.isDone()) continue;
      waitMs = entry.startedAtMs + this.lifeMs - now;
      if (waitMs > 0) break;
      entry.deadlinePassed();
    }
    this.#waiting = this.#waiting.slice(at);
    this.#timer = this.#waiting.length > 0 ? setTimeout(this.#look, waitMs) : undefined;
  };

  /** Forgets all; nothing is called any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }
}

/** A connection that has to log in. */
export interface Unauthenticated {
  /** In milliseconds of performance.now(). */
  readonly openedAtMs: number;
  close(name: 'login_timeout'): void;
}

/** Connections that are not logged in yet, by age. */
export class LoginDeadline<Session extends Unauthenticated> {
  readonly #waiting = new Set<Session>();
  readonly #lifeMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(loginSeconds: number) {
    this.#lifeMs = loginSeconds * 1_000;
  }

  add(session: Session): void {
    this.#waiting.add(session);
    this.#timer ??= setInterval(this.#tick, LOGIN_TICK_MS);
  }

  /** Logged in, or closed. True: for the first time. */
  remove(session: Session): boolean {
    const wasWaiting = this.#waiting.delete(session);
    if (wasWaiting && this.#waiting.size === 0) this.close();
    return wasWaiting;
  }

  readonly #tick = (): void => {
    const openedBefore = performance.now() - this.#lifeMs;
    for (const session of this.#waiting) {
      if (session.openedAtMs > openedBefore) return;
      session.close('login_timeout');
    }
  };

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }
}

export interface Beating {
  /** When something was last heard from the peer, in milliseconds of performance.now(). */
  readonly heardAtMs: number;
  ping(): void;
  lostHeartbeat(): void;
}

/**
 * Pings every session once in `pingSeconds`, a share of them each second, and tells of those that were silent for
 * `silenceSeconds`, at most a second late.
 */
export class Heartbeat<Session extends Beating> {
  readonly #slots: Set<Session>[];
  readonly #silenceMs: number;
  #turn = 0;
  #tickedAtMs = performance.now();
  /** Silence before this was the node's own. */
  #countsFromMs = this.#tickedAtMs;
  #next = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pingSeconds: number, silenceSeconds: number) {
    this.#slots = Array.from({ length: pingSeconds }, () => new Set());
    this.#silenceMs = silenceSeconds * 1_000;
    this.#timer = setInterval(this.#tick, BEAT_MS);
  }

  /** Gives the slot, which remove() wants back: nothing is looked up. */
  add(session: Session): number {
    this.#next = (this.#next + 1) % this.#slots.length;
    this.#slots[this.#next]?.add(session);
    return this.#next;
  }

  remove(session: Session, slot: number): void {
    this.#slots[slot]?.delete(session);
  }

  readonly #tick = (): void => {
    this.#turn = (this.#turn + 1) % this.#slots.length;
    const now = performance.now();
    if (now - this.#tickedAtMs > PAUSED_MS) this.#countsFromMs = now;
    const isCounting = now - this.#countsFromMs > this.#silenceMs;
    const heardBefore = isCounting ? now - this.#silenceMs : Number.NEGATIVE_INFINITY;
    this.#tickedAtMs = now;
    this.#slots.forEach((slot, turn) => {
      for (const session of slot) {
        if (session.heardAtMs < heardBefore) session.lostHeartbeat();
        else if (turn === this.#turn) session.ping();
      }
    });
  };

  close(): void {
    clearInterval(this.#timer);
    for (const slot of this.#slots) slot.clear();
  }
}
