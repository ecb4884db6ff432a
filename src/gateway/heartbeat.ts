const TICK_MS = 1_000;
/** A tick that is later than this finds a node that was paused, and sent no pings: its peers had nothing to answer. */
const PAUSED_MS = 5_000;

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
    this.#timer = setInterval(this.#tick, TICK_MS);
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
