import { describe, expect, test } from 'vitest';
import { Broadcast, EventQueue } from './event-queue.ts';

describe('a queue of events', () => {
  test('gives them in order, those that came before and those that are waited for', async () => {
    const queue = new EventQueue<number>({ entriesMax: 10 });
    queue.push(1);
    const [first, second] = [queue.next(), queue.next()];
    queue.push(2);
    queue.end();
    queue.push(3);
    expect([await first, await second, await queue.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  test('loses the oldest when it is full, and says so once', async () => {
    const queue = new EventQueue<number>({ entriesMax: 2, overflow: () => -1 });
    for (const entry of [1, 2, 3, 4]) queue.push(entry);
    queue.end();
    const seen: number[] = [];
    for await (const entry of queue) seen.push(entry);
    expect(seen).toEqual([-1, 3, 4]);
  });

  test('can be left while it waits', async () => {
    let left = 0;
    const queue = new EventQueue<number>({ entriesMax: 2, onReturn: () => (left += 1) });
    const waiting = queue.next();
    await queue.return();
    expect((await waiting).done).toBe(true);
    expect(left).toBe(1);
  });
});

describe('a broadcast', () => {
  test('tells each reader everything since it began to follow, until that one leaves', async () => {
    const broadcast = new Broadcast<number>({ entriesMax: 10 });
    broadcast.tell(1);
    const [early, late] = [broadcast.follow(), broadcast.follow(0)];
    expect(broadcast.hasReaders).toBe(true);
    broadcast.tell(2);
    await early.return();
    broadcast.tell(3);
    broadcast.end();
    expect(await early.next()).toEqual({ done: true, value: undefined });
    const seen: number[] = [];
    for await (const entry of late) seen.push(entry);
    expect(seen).toEqual([0, 2, 3]);
    expect(broadcast.hasReaders).toBe(false);
  });

  test('that ended gives a new reader no more than its first entry', async () => {
    const broadcast = new Broadcast<number>({ entriesMax: 10 });
    broadcast.end();
    const seen: number[] = [];
    for await (const entry of broadcast.follow(7)) seen.push(entry);
    expect(seen).toEqual([7]);
    expect(broadcast.hasReaders).toBe(false);
  });
});
