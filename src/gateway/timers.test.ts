import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Deadlined, DeadlineQueue, Heartbeat } from './timers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a queue of deadlines', () => {
  it('tells each entry once that its time is over, and none that is done', () => {
    const queue = new DeadlineQueue(450);
    const passed: string[] = [];
    const entry = (name: string): Deadlined & { done: boolean } => ({
      startedAtMs: performance.now(),
      done: false,
      isDone() {
        return this.done;
      },
      deadlinePassed: () => void passed.push(name),
    });
    const quick = entry('quick');
    queue.add(quick);
    queue.add(entry('slow'));
    vi.advanceTimersByTime(200);
    queue.add(entry('later'));
    quick.done = true;
    vi.advanceTimersByTime(240);
    expect(passed).toEqual([]);
    vi.advanceTimersByTime(40);
    expect(passed).toEqual(['slow']);
    vi.advanceTimersByTime(400);
    expect(passed).toEqual(['slow', 'later']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the heartbeat', () => {
  it('pings each session once in the time, spread over its seconds, and tells of the silent ones', () => {
    const heartbeat = new Heartbeat<Peer>(4, 10);
    class Peer {
      heardAtMs = performance.now();
      pings = 0;
      isLost = false;
      readonly answers: boolean;
      constructor(answers: boolean) {
        this.answers = answers;
      }
      ping(): void {
        this.pings += 1;
        if (this.answers) this.heardAtMs = performance.now();
      }
      lostHeartbeat(): void {
        this.isLost = true;
      }
    }
    const peers = Array.from({ length: 8 }, (_, i) => new Peer(i > 0));
    const slots = peers.map((peer) => heartbeat.add(peer));
    vi.advanceTimersByTime(1_000);
    expect(peers.reduce((sum, { pings }) => sum + pings, 0)).toBe(2);
    vi.advanceTimersByTime(7_000);
    expect(peers.map(({ pings }) => pings)).toEqual([2, 2, 2, 2, 2, 2, 2, 2]);
    vi.advanceTimersByTime(3_000);
    expect(peers.map(({ isLost }) => isLost)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
    peers.forEach((peer, i) => {
      heartbeat.remove(peer, slots[i] ?? -1);
    });
    heartbeat.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
