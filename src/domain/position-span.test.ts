import { describe, expect, it } from 'vitest';
import { clipped, gapsIn } from './position-span.ts';

describe('gaps between rows', () => {
  const whole = { from: 5, through: 20 };

  it('are everything without rows, and nothing when every position has its row', () => {
    expect(gapsIn(whole, [])).toEqual([whole]);
    expect(gapsIn(whole, [{ seq: 20, from: 5 }])).toEqual([]);
    expect(gapsIn({ from: 5, through: 4 }, [])).toEqual([]);
  });

  it('lie before, between and behind rows, in whichever order these come', () => {
    const rows = [{ seq: 7 }, { seq: 8 }, { seq: 15, from: 11 }];
    const gaps = [
      { from: 5, through: 6 },
      { from: 9, through: 10 },
      { from: 16, through: 20 },
    ];
    expect(gapsIn(whole, rows)).toEqual(gaps);
    expect(gapsIn(whole, [...rows].reverse())).toEqual(gaps);
  });

  it('end at the bounds, whatever rows reach beyond them', () => {
    expect(gapsIn(whole, [{ seq: 6, from: 1 }, { seq: 19 }, { seq: 30, from: 20 }])).toEqual([
      { from: 7, through: 18 },
    ]);
    expect(gapsIn(whole, [{ seq: 40, from: 30 }])).toEqual([whole]);
  });
});

it('a span is clipped to what lies between the bounds', () => {
  const span = { from: 5, through: 20 };
  expect(clipped(span, 0, 100)).toEqual(span);
  expect(clipped(span, 7, 9)).toEqual({ from: 8, through: 9 });
  expect(clipped(span, 20, 100)).toBeUndefined();
  expect(clipped(span, 0, 4)).toBeUndefined();
});
