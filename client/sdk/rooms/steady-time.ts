import { map, uint } from '../../../src/protocol/shape.ts';
import type { Clock } from '../connection/clock.ts';
import { getRecord, packRecord, parseRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';

/** `timers/clock`: what the wall clock said at a moment of the steady time. Both in milliseconds. */
const clockRecord = map({ wall: uint(), steady: uint() });

const KEY = 'clock';
/** The wall clock counts whole milliseconds, so it may fall behind the running one by so much without having been set back. */
const WALL_STEP_MS = 1;

interface Base {
  readonly wall: number;
  readonly running: number;
  readonly steady: number;
}

/**
 * Milliseconds that pass while the profile is used and while it is not, and never go back: a wall clock that is set back makes
 * them no fewer, but for what passed unseen between keep() and the next start. One set forward makes them more, as if the machine
 * had slept.
 */
export class SteadyTime {
  readonly #clock: Pick<Clock, 'now' | 'wallTime'>;
  readonly #state: StateStore;
  #base: Base;
  #last: Base;

  private constructor(clock: Pick<Clock, 'now' | 'wallTime'>, state: StateStore, base: Base) {
    this.#clock = clock;
    this.#state = state;
    this.#base = base;
    this.#last = base;
  }

  static async load(clock: Pick<Clock, 'now' | 'wallTime'>, state: StateStore): Promise<SteadyTime> {
    const known = await getRecord(state, 'timers', KEY, clockRecord);
    const wall = clock.wallTime();
    const steady = known === undefined ? wall : known.steady + Math.max(0, wall - known.wall);
    return new SteadyTime(clock, state, { wall, running: clock.now(), steady });
  }

  now(): number {
    const wall = this.#clock.wallTime();
    const running = this.#clock.now();
    const [base, last] = [this.#base, this.#last];
    // The running clock may stand still while the machine sleeps, the wall clock may go back.
    const isSetBack = wall - running < last.wall - last.running - WALL_STEP_MS;
    const passed = Math.max(wall - base.wall, running - base.running);
    const steady = Math.max(
      last.steady,
      isSetBack ? last.steady + running - last.running : base.steady + passed,
    );
    const now = { wall, running, steady };
    if (isSetBack) this.#base = now;
    this.#last = now;
    return steady;
  }

  /** From this moment on, a later start counts. */
  async keep(): Promise<void> {
    const now = this.now();
    const { wall, running } = this.#last;
    const steady = await this.#state.update('timers', KEY, (stored) => {
      const known = parseRecord(clockRecord, stored);
      // Another process of the profile may have counted further.
      const counted = known === undefined ? 0 : known.steady + Math.max(0, wall - known.wall);
      const later = Math.ceil(Math.max(now, counted));
      return { value: packRecord(clockRecord, { wall: Math.floor(wall), steady: later }), result: later };
    });
    if (steady > this.#last.steady) {
      this.#base = { wall, running, steady };
      this.#last = this.#base;
    }
  }
}
