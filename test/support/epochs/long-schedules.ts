import { test } from 'vitest';
import { runSeed } from '../chance.ts';
import { playEpochSchedules } from './epoch-schedule.ts';
import { embeddedGroup } from './gateway-group.ts';

/** Of one part of `npm run test:long`; four parts have 1,000. Each takes 1.5 s of CPU and waits for nothing. */
const SCHEDULES = 250;

export function testLongSchedules(): void {
  test(
    `after each step of any of ${SCHEDULES} schedules of joins, departures, new keys, faults and copies, members open every message under one key, and nobody else opens any`,
    () => playEpochSchedules(runSeed(), { count: SCHEDULES, steps: 40, startGroup: () => embeddedGroup(3) }),
    30 * 60_000,
  );
}
