import { test } from 'vitest';
import { runSeed } from '../support/chance.ts';
import { playEpochSchedules } from '../support/epochs/epoch-schedule.ts';
import { embeddedGroup } from '../support/epochs/gateway-group.ts';

test(
  'after each step of any of 1,000 schedules of joins, departures, new keys, faults and copies, members open every message under one key, and nobody else opens any',
  () => playEpochSchedules(runSeed(), { count: 1_000, steps: 40, startGroup: () => embeddedGroup(3) }),
  30 * 60_000,
);
