import { expect, it } from 'vitest';
import { Pace, roughSpan } from './pace.ts';

it('measures the rate that stays, not the burst that a server takes at first', () => {
  const pace = new Pace();
  for (let i = 0; i < 40; i += 1) pace.note(0);
  expect(pace.rate(4_900)).toBeUndefined();
  for (let at = 50; at <= 7_000; at += 50) pace.note(at);
  expect(pace.rate(7_000)).toBe(20);
});

it('tells no rate of a server that takes nothing', () => {
  const pace = new Pace();
  expect(pace.rate(60_000)).toBeUndefined();
  pace.note(0);
  expect(pace.rate(60_000)).toBeUndefined();
});

it('says times as people do', () => {
  expect([0, 59, 119, 500, 7_100, 7_300].map(roughSpan)).toEqual([
    '1 s',
    '59 s',
    '119 s',
    '8 min',
    '118 min',
    '2 h',
  ]);
});
