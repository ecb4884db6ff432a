import { expect, it } from 'vitest';
import { clockCheck } from './doctor-server.ts';

it.each([
  [0, true, "within 0 ms of the server's"],
  [9_999, true, "within 10 seconds of the server's"],
  [-172_799_997, false, "this machine's clock is 2 days ahead of the server's: set it"],
  [90 * 60_000, false, "this machine's clock is 90 minutes behind the server's: set it"],
])('a clock that is %i ms behind is told in words', (behindMs, ok, message) => {
  expect(clockCheck(behindMs)).toEqual({ name: 'clock', ok, message });
});
