import type { Background } from '../lib/background.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import { SingleFlight } from '../lib/single-flight.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { NextOutcome, NextPosition, Sequencer } from '../ports/sequencer.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { WallClock } from './core-parts.ts';
import type { SequenceKeeper, Watermarks } from './room-sequence.ts';
import type { RoomViews } from './room-views.ts';
import type { Settler } from './settler.ts';

/** Positions after which what lies behind is settled. */
const SETTLE_EVERY = 1_000;
/** Steps at the clock for one position: a lost clock, then a ceiling, each perhaps changed by others meanwhile. */
const STEPS_MAX = 6;

export type Allocation = Exclude<NextOutcome, { readonly kind: 'missing' | 'ceiling' }>;
/** Positions that one write to the record allows: as many in a quiet room, up to so many in a busy one. */
export const RUN_MIN = 16;
export const RUN_MAX = 256;
/** A run that lasts for a shorter time is too short. In ms. */
const RUN_MS = 10_000;
/** Rooms whose runs are remembered; another begins with the shortest one. */
const ROOMS_MAX = 100_000;

interface PositionAllocatorParts {
  readonly sequencer: Sequencer;
  readonly rooms: RoomStore;
  readonly keeper: SequenceKeeper;
  readonly views: RoomViews;
  readonly watermarks: Watermarks;
  readonly settler: Settler;
  readonly wallClock: WallClock;
  readonly background: Background<LogEvent>;
}

/** Gets positions from sequencers, and repairs what stands in the way: lost ones, ones that are behind, ceilings. */
export class PositionAllocator {
  readonly #parts: PositionAllocatorParts;
  readonly #ceilings = new SingleFlight<RoomId, boolean>();
  readonly #runs: PositionRuns;

  constructor(parts: PositionAllocatorParts) {
    this.#parts = parts;
    this.#runs = new PositionRuns(parts.wallClock);
  }

  /** Throws Unavailable. */
  async take(request: Omit<NextPosition, 'seen'>): Promise<Allocation> {
    const { sequencer, watermarks, views } = this.#parts;
    const { room } = request;
    for (let step = 0; step < STEPS_MAX; step += 1) {
      if (!watermarks.isConfirmed(room) && !(await views.confirm(room))) return { kind: 'gone' };
      const outcome = await sequencer.next({ ...request, seen: watermarks.get(room) });
      if (outcome.kind === 'missing') {
        if ((await views.load(room)) === undefined) return { kind: 'gone' };
      } else if (outcome.kind === 'ceiling') {
        const { ceiling } = outcome;
        if (!(await this.#nextRun(room, ceiling, ceiling))) return { kind: 'gone' };
      } else {
        if (outcome.kind === 'position') this.#given(room, outcome.seq);
        if (outcome.kind === 'stale') watermarks.note(room, outcome);
        return outcome;
      }
    }
    throw new Unavailable('clock', new Error('the sequencer of a room does not come to rest'));
  }

  /**
   * Position after position is taken already. If the store holds more than the clock knows of, the clock went back, and
   * goes on behind the highest position that it may have given before; else readers were faster, and nothing is wrong.
   * False: the room is gone.
   */
  async mendIfBehind(room: RoomId): Promise<boolean> {
    const { sequencer, views, keeper } = this.#parts;
    const highest = await keeper.highestStored(room);
    const [state] = await sequencer.read([room]);
    if (state !== undefined && state.seq >= highest) return !state.gone;
    const loaded = await views.load(room);
    if (loaded === undefined) return false;
    await keeper.raiseToCeiling(loaded.record);
    return true;
  }

  #given(room: RoomId, seq: number): void {
    const { background, watermarks } = this.#parts;
    watermarks.note(room, { seq });
    const ceiling = this.#runs.given(room, seq);
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
    const { sequencer, rooms, settler, views } = this.#parts;
    const length = this.#runs.lengthAfter(room, reached);
    let ceiling = await rooms.raiseCeiling(room, reached, reached + length);
    // A record behind its clock: only a store that was set back has one. It is raised from where it stands.
    if (ceiling !== undefined && ceiling < reached) {
      ceiling = await rooms.raiseCeiling(room, ceiling, reached + length);
    }
    if (ceiling === undefined) {
      await views.load(room);
      return false;
    }
    await sequencer.raise(room, { ceiling });
    this.#runs.begun(room, ceiling, length);
    if (Math.floor(reached / SETTLE_EVERY) !== Math.floor(ceiling / SETTLE_EVERY))
      settler.followClock(room, given);
    return true;
  }
}

interface Run {
  /** The last position that is allowed. */
  readonly ceiling: number;
  readonly length: number;
  readonly begunMs: number;
  /** The last position that this node was given. */
  lastGiven: number;
  /** The next run was asked for. */
  isFollowed: boolean;
}

/**
 * How far ahead of a room's clock its ceiling stands. When the clock is lost, all positions up to the ceiling may have been
 * given, so the rest of the run is skipped: a run is as long as what the room uses in some seconds, and no longer.
 */
export class PositionRuns {
  readonly #clock: WallClock;
  readonly #runs = boundedCache<RoomId, Run>(ROOMS_MAX);

  constructor(clock: WallClock) {
    this.#clock = clock;
  }

  /** How many positions to allow behind a ceiling that was reached. */
  lengthAfter(room: RoomId, reached: number): number {
    const run = this.#runs.get(room);
    if (run === undefined) return RUN_MIN;
    // A clock that was lost reaches the ceiling without having used the run.
    const isUsed = run.lastGiven > reached - run.length / 2;
    const isShort = this.#clock.nowMs() - run.begunMs < RUN_MS;
    if (!isUsed) return RUN_MIN;
    return isShort ? Math.min(run.length * 2, RUN_MAX) : Math.max(run.length / 2, RUN_MIN);
  }

  begun(room: RoomId, ceiling: number, length: number): void {
    const lastGiven = this.#runs.get(room)?.lastGiven ?? 0;
    const begunMs = this.#clock.nowMs();
    this.#runs.set(room, { ceiling, length, begunMs, lastGiven, isFollowed: false });
  }

  /** A position was given. Answers the ceiling, once, when its run nears its end: nobody has to wait for the next one then. */
  given(room: RoomId, seq: number): number | undefined {
    const run = this.#runs.get(room);
    if (run === undefined) return undefined;
    run.lastGiven = Math.max(run.lastGiven, seq);
    if (run.isFollowed || seq <= run.ceiling - run.length / 4) return undefined;
    run.isFollowed = true;
    return run.ceiling;
  }
}
