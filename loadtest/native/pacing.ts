import { monotonicMicros } from './process-accounting.ts';

/** The event loop has to turn for what comes in. */
const WAIT_MS_MAX = 5;
/** While nothing may be sent. */
const HELD_WAIT_MS = 0.2;

export interface Pace {
  readonly perSecond: number;
  /** 0: evenly spread, one at a time. Else the messages of this many milliseconds go out at once. */
  readonly burstMs: number;
  /** The plan stays when `send` is held up, and what is late is sent as soon as it may: no time is left out. */
  readonly isOpen?: boolean;
}

/**
 * Calls `send` at the pace until stopped, to a tenth of a millisecond and without spinning: timers are too coarse for
 * a thousand messages a second. `send` gets the moment for which it was planned, in µs of the monotonic clock, and
 * answers false when nothing may go out now; the plan then moves, so that no burst follows that was not asked for,
 * unless it is an open one.
 */
export class Pacer {
  readonly #pace: Pace;
  readonly #send: (plannedAtMicros: number) => boolean;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));
  #startedAt = monotonicMicros();
  #sent = 0;
  #total = 0;
  #stopped = false;

  constructor(pace: Pace, send: (plannedAtMicros: number) => boolean) {
    this.#pace = pace;
    this.#send = send;
    setImmediate(this.#step);
  }

  get sent(): number {
    return this.#total;
  }

  stop(): void {
    this.#stopped = true;
  }

  readonly #step = (): void => {
    if (this.#stopped) return;
    let waitMs = 0;
    const due = this.#due(monotonicMicros());
    while (this.#sent < due) {
      if (!this.#send(this.#plannedAt)) {
        if (this.#pace.isOpen !== true) {
          this.#startedAt = monotonicMicros();
          this.#sent = 0;
        }
        waitMs = HELD_WAIT_MS;
        break;
      }
      this.#sent += 1;
      this.#total += 1;
    }
    if (waitMs === 0) waitMs = Math.min(WAIT_MS_MAX, (this.#nextAt() - monotonicMicros()) / 1_000);
    if (waitMs > 0) Atomics.wait(this.#sleeper, 0, 0, waitMs);
    setImmediate(this.#step);
  };

  get #perBurst(): number {
    return this.#pace.burstMs === 0 ? 1 : Math.round((this.#pace.perSecond * this.#pace.burstMs) / 1_000);
  }

  get #burstMicros(): number {
    return (this.#perBurst * 1_000_000) / this.#pace.perSecond;
  }

  #due(now: number): number {
    return (1 + Math.floor((now - this.#startedAt) / this.#burstMicros)) * this.#perBurst;
  }

  get #plannedAt(): number {
    return this.#startedAt + Math.floor(this.#sent / this.#perBurst) * this.#burstMicros;
  }

  #nextAt(): number {
    return this.#startedAt + (this.#sent / this.#perBurst) * this.#burstMicros;
  }
}
