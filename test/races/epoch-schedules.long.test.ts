import { test } from 'vitest';
import { runSeed } from '../support/chance.ts';
import { clusterGroup } from '../support/epochs/cluster-group.ts';
import { playEpochSchedules } from '../support/epochs/epoch-schedule.ts';
import { present } from '../support/protocol/arbitraries.ts';

test(
  'three gateways on Redis and MongoDB keep every message open to the members and closed to all others, after each step of any schedule',
  () => {
    const mongo = present(process.env['TEST_MONGODB_URL']);
    const startGroup = () => clusterGroup(3, mongo);
    return playEpochSchedules(runSeed(), { count: 60, steps: 40, startGroup });
  },
  30 * 60_000,
);
