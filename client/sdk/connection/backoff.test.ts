import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/sdk/manual-clock.ts';
import { Backoff, RETRY_CAP_MS, RETRY_FLOOR_MS, STABLE_AFTER_MS } from './backoff.ts';

function ceilings(backoff: Backoff, clock: ManualClock, count: number): number[] {
  clock.chance = 1;
  return Array.from({ length: count }, () => backoff.nextMs());
}

describe('pauses between attempts', () => {
  test('are evenly chosen below a ceiling that doubles from the floor to the cap', () => {
    const clock = new ManualClock();
    const backoff = new Backoff(clock);
    expect(ceilings(backoff, clock, 8)).toEqual([
      RETRY_FLOOR_MS,
      1000,
      2000,
      4000,
      8000,
      16_000,
      RETRY_CAP_MS,
      RETRY_CAP_MS,
    ]);
    clock.chance = 0;
    expect(backoff.nextMs()).toBe(0);
  });

  test('start small again only after a connection that lasted', () => {
    const clock = new ManualClock();
    const backoff = new Backoff(clock);
    ceilings(backoff, clock, 4);
    backoff.endedAfter(STABLE_AFTER_MS - 1);
    expect(backoff.nextMs()).toBe(8000);
    backoff.endedAfter(STABLE_AFTER_MS);
    expect(backoff.nextMs()).toBe(RETRY_FLOOR_MS);
  });

  test("wait out the server's advice first, but not without bound", () => {
    const clock = new ManualClock();
    const backoff = new Backoff(clock);
    expect(backoff.nextMs(7000)).toBe(7000 + RETRY_FLOOR_MS / 2);
    expect(new Backoff(clock).nextMs(Number.MAX_SAFE_INTEGER)).toBe(600_000 + RETRY_FLOOR_MS / 2);
  });
});
