import { expect, test } from 'vitest';
import { ManualClock, settled } from '../../../test/support/sdk/manual-clock.ts';
import { PACED_FREE } from './pacing.ts';
import { Schedule } from './schedule.ts';

/** A schedule whose runs end when the test says so. */
function scheduled(): {
  clock: ManualClock;
  schedule: Schedule;
  runs: () => number;
  end: () => Promise<void>;
} {
  const clock = new ManualClock();
  const ends: (() => void)[] = [];
  let runs = 0;
  const schedule = new Schedule(clock, () => {
    runs += 1;
    return new Promise<void>((resolve) => void ends.push(resolve));
  });
  const end = async (): Promise<void> => {
    for (const one of ends.splice(0)) one();
    await settled();
  };
  return { clock, schedule, runs: () => runs, end };
}

test('a task runs once however often it is asked for, and once more when it was asked for meanwhile', async () => {
  const { clock, schedule, runs, end } = scheduled();
  for (let i = 0; i < 100; i += 1) schedule.within(0);
  await clock.advance(0);
  expect(runs()).toBe(1);
  for (let i = 0; i < 100; i += 1) schedule.within(0);
  await clock.advance(60_000);
  expect(runs()).toBe(1);
  await end();
  await clock.advance(0);
  expect(runs()).toBe(2);
  await end();
  await clock.advance(60_000);
  expect(runs()).toBe(2);
});

test('an earlier time brings a run forward, and a later one does not put it off', async () => {
  const { clock, schedule, runs } = scheduled();
  schedule.within(10_000);
  schedule.within(1_000);
  schedule.within(5_000);
  await clock.advance(999);
  expect(runs()).toBe(0);
  await clock.advance(1);
  expect(runs()).toBe(1);
});

test('runs that are asked for without end come ever more slowly, and at once again after a quiet time', async () => {
  const { clock, schedule, runs, end } = scheduled();
  const flood = async (ms: number): Promise<number> => {
    const before = runs();
    for (let passed = 0; passed < ms; passed += 50) {
      schedule.within(0);
      await clock.advance(50);
      await end();
    }
    return runs() - before;
  };
  expect(await flood(400)).toBe(PACED_FREE);
  expect(await flood(60_000)).toBeLessThan(12);
  expect(await flood(60_000)).toBeLessThanOrEqual(2);
  await clock.advance(60_000);
  await end();
  await clock.advance(60_000);
  expect(await flood(50)).toBe(1);
});

test('a task that was cancelled does not run', async () => {
  const { clock, schedule, runs } = scheduled();
  schedule.within(0);
  schedule.cancel();
  await clock.advance(60_000);
  expect(runs()).toBe(0);
});
