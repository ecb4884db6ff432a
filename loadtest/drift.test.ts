import { expect, test } from 'vitest';
import { Drift } from './drift.ts';

const grows = (count: number): Drift => {
  const drift = new Drift();
  for (let i = 0; i < count; i += 1) {
    drift.add({
      residentBytes: 1_000 + i,
      // Up and down, with what is left growing by one each ten.
      heapBytes: 500 + Math.floor(i / 10) + (i % 10) * 50,
      cpuSeconds: i < count / 2 ? i : i * 2,
      deliveries: i * 10,
    });
  }
  return drift;
};

test('the first fifth is told beside the last: memory in the middle, heap at its least, CPU by delivery', () => {
  expect(grows(100).ends()).toEqual({
    first: { residentBytes: 1_010, heapBytes: 500, cpuSecondsByDelivery: 0.1 },
    last: { residentBytes: 1_090, heapBytes: 508, cpuSecondsByDelivery: 0.2 },
  });
});

test('a short run has no ends to compare', () => {
  expect(grows(49).ends()).toBeUndefined();
});

test('a long one is thinned out, and its ends stay where they are', () => {
  const ends = grows(20_000).ends();
  expect(ends?.first.residentBytes).toBeGreaterThan(2_500);
  expect(ends?.first.residentBytes).toBeLessThan(3_500);
  expect(ends?.last.residentBytes).toBeGreaterThan(18_500);
});
