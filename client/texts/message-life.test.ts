import { expect, test } from 'vitest';
import { EXPIRES_MAX, EXPIRES_MIN } from '../../src/protocol/limits.ts';
import { lifeText, parseLife } from './message-life.ts';

test.each([
  ['5s', 5],
  ['90s', 90],
  ['5m', 300],
  ['1H', 3_600],
  ['36h', 129_600],
  ['7d', 604_800],
  ['365d', EXPIRES_MAX],
])('a life of %s is %i seconds', (text, seconds) => {
  expect(parseLife(text)).toBe(seconds);
});

test.each(['', '5', 's', '4s', '366d', '1.5h', '-1h', '1h30m', '1y', ' 1h', '99999999w', '1toString'])(
  '%j is no life of a message',
  (text) => {
    expect(parseLife(text)).toBeUndefined();
  },
);

test('a life is written as it is read, in the largest unit that says all of it', () => {
  for (const seconds of [EXPIRES_MIN, 90, 300, 3_600, 5_400, 86_400, 604_800, 1_209_600, EXPIRES_MAX])
    expect(parseLife(lifeText(seconds))).toBe(seconds);
  expect([3_600, 90_000, 1_209_600, EXPIRES_MAX].map(lifeText)).toEqual(['1h', '25h', '2w', '365d']);
});
