import { SingleFlight } from '../lib/single-flight.ts';
import type { NextOutcome, NextPosition, RoomClock } from '../ports/room-clock.ts';
import type { RoomStore } from '../ports/room-store.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { Background } from './background.ts';
import type { PositionRuns } from './position-runs.ts';
import type { ClockKeeper } from './room-sequence.ts';
import type { RoomViews } from './room-views.ts';
import type { Settling } from './settler.ts';
import type { RoomSeen } from './watermarks.ts';

/** Positions after which what lies behind is settled. */
const SETTLE_EVERY = 1_000;
/** Steps at the clock for one position: a lost clock, then a ceiling, each perhaps changed by others meanwhile. */
const STEPS_MAX = 6;

export type Taken = Exclude<NextOutcome, { readonly kind: 'missing' | 'ceiling' }>;

interface PositionTakerParts {
  readonly clock: RoomClock;
  readonly rooms: RoomStore;
  readonly keeper: ClockKeeper;
  readonly views: RoomViews;
  readonly seen: RoomSeen;
  readonly settling: Settling;
  readonly runs: PositionRuns;
  readonly background: Background;
}

/** Takes positions at room clocks, and mends what stands in the way: lost clocks, clocks behind, ceilings. */
export class PositionTaker {
  readonly #parts: PositionTakerParts;
  readonly #ceilings = new SingleFlight<RoomId, boolean>();

  constructor(parts: PositionTakerParts) {
    this.#parts = parts;
  }

  /** Throws Unavailable. */
  async take(request: Omit<NextPosition, 'seen'>): Promise<Taken> {
    const { clock, seen, views } = this.#parts;
    const { room } = request;
    for (let step = 0; step < STEPS_MAX; step += 1) {
      if (!seen.isConfirmed(room) && !(await views.confirm(room))) return { kind: 'gone' };
      const outcome = await clock.next({ ...request, seen: seen.get(room) });
      if (outcome.kind === 'missing') {
        if ((await views.load(room)) === undefined) return { kind: 'gone' };
      } else if (outcome.kind === 'ceiling') {
        const { ceiling } = outcome;
        if (!(await this.#nextRun(room, ceiling, ceiling))) return { kind: 'gone' };
      } else {
        if (outcome.kind === 'position') this.#given(room, outcome.seq);
        if (outcome.kind === 'stale') seen.note(room, outcome);
        return outcome;
      }
    }
    throw new Unavailable('clock', new Error('the clock of a room does not come to rest'));
  }

  /**
   * Position after position is taken already. If the store holds more than the clock knows of, the clock went back, and
   * goes on behind the highest position that it may have given before; else readers were faster, and nothing is wrong.
   * False: the room is gone.
   */
  async mendIfBehind(room: RoomId): Promise<boolean> {
    const { clock, views, keeper } = this.#parts;
    const highest = await keeper.highestStored(room);
    const [state] = await clock.read([room]);
    if (state !== undefined && state.seq >= highest) return !state.gone;
    const loaded = await views.load(room);
    if (loaded === undefined) return false;
    await keeper.raiseToCeiling(loaded.record);
    return true;
  }

  #given(room: RoomId, seq: number): void {
    const { background, runs, seen } = this.#parts;
    seen.note(room, { seq });
    const ceiling = runs.given(room, seq);
    if (ceiling === undefined) return;
    background.run('ceiling', async () => {
      await this.#nextRun(room, ceiling, seq);
    });
  }

  /** `given`: every position up to it was. False: the room is gone. */
  #nextRun(room: RoomId, ceiling: number, given: number): Promise<boolean> {
    return this.#ceilings.run(room, () => this.#raiseCeiling(room, ceiling, given));
  }

  /** First in the record, by a majority write, then at the clock. */
  async #raiseCeiling(room: RoomId, reached: number, given: number): Promise<boolean> {
    const { clock, rooms, runs, settling, views } = this.#parts;
    const length = runs.lengthAfter(room, reached);
    let ceiling = await rooms.raiseCeiling(room, reached, reached + length);
    // A record behind its clock: only a store that was set back has one. It is raised from where it stands.
    if (ceiling !== undefined && ceiling < reached) {
      ceiling = await rooms.raiseCeiling(room, ceiling, reached + length);
    }
    if (ceiling === undefined) {
      await views.load(room);
      return false;
    }
    await clock.raise(room, { ceiling });
    runs.begun(room, ceiling, length);
    if (Math.floor(reached / SETTLE_EVERY) !== Math.floor(ceiling / SETTLE_EVERY))
      settling.followClock(room, given);
    return true;
  }
}
