import { test } from 'vitest';
import { runSeed } from '../support/chance.ts';
import { playEpochSchedules } from '../support/epochs/epoch-schedule.ts';
import { embeddedGroup } from '../support/epochs/gateway-group.ts';

/** The long test plays longer ones. */
const SCHEDULES = 50;
const STEPS = 6;
/** On a busy machine. */
const SCHEDULE_MS = 20_000;

const pastFaults = [
  {
    seed: 1_250_319_655,
    steps: 24,
    gateways: 2,
    what: 'a second process heard nothing of a departure and a new membership',
  },
  {
    seed: 700_000_145,
    steps: 40,
    gateways: 3,
    what: 'a second process accused the server of going back, since the first one had heard of more',
  },
];

test(
  'after each step of any schedule of joins, departures, new keys, faults and copies, members open every message under one key, and nobody else opens any',
  {
    timeout: SCHEDULES * SCHEDULE_MS,
  },
  () => playEpochSchedules(runSeed(), { count: SCHEDULES, steps: STEPS, startGroup: () => embeddedGroup(2) }),
);

for (const { seed, steps, gateways, what } of pastFaults)
  test(`a schedule that failed once holds: ${what}`, () =>
    playEpochSchedules(seed, { count: 1, steps, startGroup: () => embeddedGroup(gateways) }));
