import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseRoomId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import { GracePeriods } from './local-presence.ts';

function ids(): { ann: UserId; one: RoomId; two: RoomId } {
  const [ann, one, two] = [
    parseUserId('0a'.repeat(16)),
    parseRoomId('01'.repeat(16)),
    parseRoomId('02'.repeat(16)),
  ];
  if (ann === undefined || one === undefined || two === undefined) throw new Error('the test needs ids');
  return { ann, one, two };
}

const { ann, one, two } = ids();
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a session that was cut', () => {
  it('counts in its rooms for ten seconds, then ends there', () => {
    const ended = vi.fn();
    const periods = new GracePeriods(ended);
    periods.add(ann, [one, two]);
    periods.add(ann, [one]);
    expect([periods.countOf(one, ann), periods.countOf(two, ann)]).toEqual([2, 1]);
    vi.advanceTimersByTime(9_900);
    expect(ended).not.toHaveBeenCalled();
    vi.advanceTimersByTime(600);
    expect(ended.mock.calls).toEqual([
      [ann, [one, two]],
      [ann, [one]],
    ]);
    expect(periods.countOf(one, ann)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is forgotten in a room that its user is back in', () => {
    const ended = vi.fn();
    const periods = new GracePeriods(ended);
    periods.add(ann, [one, two]);
    periods.forget(one, ann);
    vi.advanceTimersByTime(11_000);
    expect(ended.mock.calls).toEqual([[ann, [two]]]);
    periods.add(ann, [one]);
    periods.forget(one, ann);
    expect(vi.getTimerCount()).toBe(0);
  });
});
