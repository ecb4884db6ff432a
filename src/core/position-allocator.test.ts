import { beforeEach, describe, expect, it } from 'vitest';
import { anyRoom } from '../../test/support/ports/service-world.ts';
import { PositionRuns, RUN_MAX, RUN_MIN } from './position-allocator.ts';

describe('runs of positions', () => {
  const room = anyRoom();
  let nowMs: number;
  let runs: PositionRuns;
  let ceiling: number;
  beforeEach(() => {
    nowMs = 1_000;
    runs = new PositionRuns({ nowMs: () => nowMs });
    ceiling = 0;
  });

  function next(): number {
    const length = runs.lengthAfter(room, ceiling);
    ceiling += length;
    runs.begun(room, ceiling, length);
    return length;
  }

  /** The room uses its run to the end within this time. */
  function spend(tookMs: number): void {
    nowMs += tookMs;
    runs.given(room, ceiling);
  }

  it('grow while a room uses them up quickly, and shrink when it slows down', () => {
    const lengths = [next()];
    for (let count = 0; count < 5; count += 1) {
      spend(1_000);
      lengths.push(next());
    }
    expect(lengths).toEqual([16, 32, 64, 128, 256, 256]);
    expect(lengths.at(-1)).toBe(RUN_MAX);
    spend(60_000);
    expect(next()).toBe(RUN_MAX / 2);
  });

  it('begin with the shortest one again when the clock was lost, however often', () => {
    next();
    spend(1_000);
    next();
    runs.given(room, 17);
    // Each clock begins at the ceiling, gives one position, and is lost.
    for (let lost = 0; lost < 5; lost += 1) {
      expect(next()).toBe(RUN_MIN);
      runs.given(room, ceiling - RUN_MIN + 1);
    }
  });

  it('say once that their end is near', () => {
    next();
    expect(runs.given(room, 12)).toBeUndefined();
    expect(runs.given(room, 13)).toBe(RUN_MIN);
    expect(runs.given(room, 14)).toBeUndefined();
    expect(runs.given(anyRoom(), 14)).toBeUndefined();
  });
});
