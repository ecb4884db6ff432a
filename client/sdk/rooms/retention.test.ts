import { expect, test } from 'vitest';
import { RETENTION_HOURS_MAX } from '../../../src/protocol/limits.ts';
import { retentionFields, retentionHoursOf } from './retention.ts';

test.each([
  [0, { retention: 0 }],
  [1, { retention: 1, retentionHours: 1 }],
  [23, { retention: 1, retentionHours: 23 }],
  [24, { retention: 1 }],
  [25, { retention: 2, retentionHours: 25 }],
  [RETENTION_HOURS_MAX, { retention: 3650 }],
])(
  'a retention of %i hours is told in days, rounded up, and in hours where days do not say it',
  (hours, told) => {
    expect(retentionFields(hours)).toEqual(told);
    expect(retentionHoursOf(told)).toBe(hours);
  },
);

test.each([-1, 0.5, Number.NaN, RETENTION_HOURS_MAX + 1])('a retention of %d hours is refused', (hours) => {
  expect(() => retentionFields(hours)).toThrow('messages can be stored for 0 to 3,650 days');
});

test('hours that do not belong to the days of a server count for nothing', () => {
  for (const retentionHours of [0, 24 * 6, 24 * 7 + 1, 1e9])
    expect(retentionHoursOf({ retention: 7, retentionHours })).toBe(7 * 24);
  expect(retentionHoursOf({ retention: 0, retentionHours: 5 })).toBe(0);
});
