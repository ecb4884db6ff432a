/** A wall clock that moved so far against the monotonic one was set; slewing and leap seconds move it by less. */
export const CLOCK_JUMP_MS = 10 * 60_000;

/** Both in milliseconds; only the wall clock can be set. */
export interface Clocks {
  /** Since 1970 UTC. */
  readonly wall: () => number;
  /** Counts the time that the machine sleeps, too. */
  readonly monotonic: () => number;
}

/** Notices that the machine's clock was set. */
export class ClockJump {
  readonly #clocks: Clocks;
  #offsetMs: number;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#offsetMs = offsetOf(clocks);
  }

  /** By how many milliseconds the clock was set since it was looked at last, ahead or back (negative); 0: it was not. */
  look(): number {
    const offsetMs = offsetOf(this.#clocks);
    const jumpMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    if (Math.abs(jumpMs) <= CLOCK_JUMP_MS) return 0;
    this.#atMs = this.#clocks.monotonic();
    return jumpMs;
  }

  /** Whether the last jump was seen less than this long ago. */
  isWithin(ms: number): boolean {
    return this.#clocks.monotonic() - this.#atMs < ms;
  }
}

function offsetOf({ wall, monotonic }: Clocks): number {
  return wall() - monotonic();
}
