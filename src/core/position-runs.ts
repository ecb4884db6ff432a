import { LruMap } from '../lib/lru-map.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { WallClock } from './core-parts.ts';

/** Positions that one write to the record allows: as many in a quiet room, up to so many in a busy one. */
export const RUN_MIN = 16;
export const RUN_MAX = 256;
/** A run that lasts for a shorter time is too short. In ms. */
const RUN_MS = 10_000;
/** Rooms whose runs are remembered; another begins with the shortest one. */
const ROOMS_MAX = 100_000;

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
  readonly #runs = new LruMap<RoomId, Run>(ROOMS_MAX);

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
