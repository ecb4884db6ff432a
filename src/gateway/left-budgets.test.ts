import { describe, expect, it } from 'vitest';
import { parseUserId } from '../protocol/ids.ts';
import { LEFT_BUDGETS_MAX, LeftBudgets } from './admission.ts';
import { SessionLimits } from './session-limits.ts';

const ann = parseUserId('0a'.repeat(16)) ?? expect.unreachable('the test needs ids');
const bob = parseUserId('0b'.repeat(16)) ?? expect.unreachable('the test needs ids');
const rates = { requests: { count: 1, periodMs: 1_000, burst: 10 }, frameBytes: 'off' } as const;

function spent(requests: number, nowMs = 0): SessionLimits {
  const limits = new SessionLimits(rates, nowMs);
  for (let i = 0; i < requests; i += 1) limits.takeRequest(nowMs);
  return limits;
}

describe('the budget of an ended session', () => {
  it('is what the next session of the same user has, and nobody else', () => {
    const left = new LeftBudgets();
    const limits = spent(10);
    left.leave(ann, limits, 0);
    expect(left.take(bob, 0)).toBeUndefined();
    expect(left.take(ann, 0)).toBe(limits);
    expect(left.take(ann, 0)).toBeUndefined();
  });

  it('is kept for each of the sessions that the user had at once', () => {
    const left = new LeftBudgets();
    const [first, second] = [spent(10), spent(5)];
    left.leave(ann, first, 0);
    left.leave(ann, second, 0);
    expect([left.take(ann, 0), left.take(ann, 0), left.take(ann, 0)]).toEqual([first, second, undefined]);
  });

  it('is forgotten once it would be full', () => {
    const left = new LeftBudgets();
    left.leave(ann, spent(0), 0);
    expect(left.take(ann, 0)).toBeUndefined();
    left.leave(ann, spent(10), 0);
    expect(left.take(ann, 10_000)).toBeUndefined();
  });

  it('stays also when only refused frames are what it lacks', () => {
    const left = new LeftBudgets();
    const limits = spent(0);
    limits.ignoredLimit(0, 100);
    left.leave(ann, limits, 0);
    expect(left.take(ann, 0)).toBe(limits);
  });

  it('is forgotten when too many others left theirs later', () => {
    const left = new LeftBudgets();
    left.leave(ann, spent(10), 0);
    const limits = spent(10);
    for (let i = 0; i < LEFT_BUDGETS_MAX; i += 1) {
      const user = parseUserId(i.toString(16).padStart(32, '0')) ?? expect.unreachable('not an id');
      left.leave(user, limits, 0);
    }
    expect(left.take(ann, 0)).toBeUndefined();
  });
});
