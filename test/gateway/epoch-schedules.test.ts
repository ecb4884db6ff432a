import { test } from 'vitest';
import { runSeed } from '../support/chance.ts';
import { playEpochSchedules } from '../support/epochs/epoch-schedule.ts';
import { embeddedGroup } from '../support/epochs/gateway-group.ts';

/** About 1 s of one core each. */
const SCHEDULES = 12;
const STEPS = 24;

test('after each step of any schedule of joins, departures, new keys, faults and copies, members open every message under one key, and nobody else opens any', () =>
  playEpochSchedules(runSeed(), { count: SCHEDULES, steps: STEPS, startGroup: () => embeddedGroup(2) }));

test('a schedule in which a second process heard nothing of a departure and a new membership holds', () =>
  playEpochSchedules(1_250_319_655, { count: 1, steps: STEPS, startGroup: () => embeddedGroup(2) }));
