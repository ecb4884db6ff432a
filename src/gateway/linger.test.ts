import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseRoomId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import { Linger } from './linger.ts';

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
    const linger = new Linger(ended);
    linger.add(ann, [one, two]);
    linger.add(ann, [one]);
    expect([linger.countOf(one, ann), linger.countOf(two, ann)]).toEqual([2, 1]);
    vi.advanceTimersByTime(9_900);
    expect(ended).not.toHaveBeenCalled();
    vi.advanceTimersByTime(600);
    expect(ended.mock.calls).toEqual([
      [ann, [one, two]],
      [ann, [one]],
    ]);
    expect(linger.countOf(one, ann)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is forgotten in a room that its user is back in', () => {
    const ended = vi.fn();
    const linger = new Linger(ended);
    linger.add(ann, [one, two]);
    linger.forget(one, ann);
    vi.advanceTimersByTime(11_000);
    expect(ended.mock.calls).toEqual([[ann, [two]]]);
    linger.add(ann, [one]);
    linger.forget(one, ann);
    expect(vi.getTimerCount()).toBe(0);
  });
});
