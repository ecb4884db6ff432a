import { describe, expect, test } from 'vitest';
import type { Condition, Measured } from './delivery-run.ts';
import { deliveryTables } from './delivery-table.ts';

const asked: Condition = {
  title: '200 k/s smooth',
  deliveriesPerSecond: 200_000,
  isMost: false,
  burstMs: 0,
  entry: 'injector',
  window: 1_000,
};

function run(cpuPerDelivery: number, perSecond: number, lost = 0): Measured {
  const share = (cpuPerDelivery * perSecond) / 1_000_000;
  const times = { p50Ms: 1, p99Ms: 2 };
  return {
    cpuPerDelivery,
    perSecond,
    cpuShare: share,
    ...times,
    frameBytes: 844,
    lost,
    outOfOrder: 0,
    load: '1.0',
  };
}

/** All three runs alike. */
const outcome = (name: string, measured: Measured, condition = asked) => ({
  condition,
  name,
  runs: [measured, measured, measured],
});

describe('the tables of a comparison', () => {
  test('a rate that was not reached is said to be so, and is no ground for a ratio', () => {
    const tables = deliveryTables([
      outcome('conclave', run(2, 200_000)),
      outcome('socket.io text', run(5, 150_000)),
    ]);
    expect(tables).toContain(
      '| **2.00** (2.00 2.00 2.00) | not reached: 150 k/s, at **5.00** (5.00 5.00 5.00) |',
    );
    expect(tables).toContain(
      '| conclave, as a share of | socket.io text | load |\n|---|---|---|\n| 200 k/s smooth | not reached |',
    );
  });

  test('what Conclave itself did not reach is no ground for a ratio either', () => {
    const tables = deliveryTables([
      outcome('conclave', run(2, 150_000)),
      outcome('bare loop', run(2, 200_000)),
    ]);
    expect(tables).toContain('| not reached by conclave |');
  });

  test('a ratio above its target is called missed, one below is not', () => {
    const tables = deliveryTables([
      outcome('conclave', run(2, 200_000)),
      outcome('centrifuge', run(4, 200_000)),
      outcome('bare loop', run(1, 200_000)),
    ]);
    expect(tables).toContain('| **0.50** (≤ 0.75) | **2.00** (≤ 1.25, missed) |');
  });

  test('as many as can be carried are told with their number, and have no target', () => {
    const most = { ...asked, title: 'most, smooth', isMost: true };
    const tables = deliveryTables([
      outcome('conclave', run(1, 900_000), most),
      outcome('centrifuge', run(1, 800_000), most),
    ]);
    expect(tables).toContain(
      '| **1.00** (1.00 1.00 1.00) at 900 k/s | **1.00** (1.00 1.00 1.00) at 800 k/s |',
    );
    expect(tables).toContain('| most, smooth | **1.00** | 1 |');
  });

  test('what was lost in any of the runs is told', () => {
    expect(deliveryTables([outcome('conclave', run(1, 200_000, 7))])).toContain(
      '**21 lost, 0 out of order**',
    );
  });
});
