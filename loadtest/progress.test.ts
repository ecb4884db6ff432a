import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { progressOf } from './progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a long work says every five seconds how far it is, a short one nothing', () => {
  const said: string[] = [];
  const done = progressOf(100, (line) => void said.push(line));
  for (let i = 0; i < 4; i += 1) {
    done();
    vi.advanceTimersByTime(1_000);
  }
  expect(said).toEqual([]);
  for (let i = 0; i < 8; i += 1) {
    vi.advanceTimersByTime(1_000);
    done();
  }
  expect(said).toEqual(['  5 of 100', '  10 of 100']);
});
