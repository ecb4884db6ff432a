import { expect, test, vi } from 'vitest';
import { KeyedQueue } from './keyed-queue.ts';

/** Tasks that end when they are told to. */
function pendingTask(): {
  task: () => Promise<void>;
  isBegun: () => boolean;
  end: () => void;
  fail: () => void;
} {
  let begun = false;
  let end = (): void => undefined;
  let fail = (): void => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = () => reject(new Error('failed'));
  });
  const task = (): Promise<void> => {
    begun = true;
    return ended;
  };
  return { task, isBegun: () => begun, end: () => end(), fail: () => fail() };
}

test('tasks of one key run one after the other, those of others do not wait', async () => {
  const queue = new KeyedQueue();
  const [first, second, other] = [pendingTask(), pendingTask(), pendingTask()];
  const running = [queue.run('a', first.task), queue.run('a', second.task), queue.run('b', other.task)];
  expect([first, second, other].map(({ isBegun }) => isBegun())).toEqual([true, false, true]);
  first.end();
  await running[0];
  await vi.waitFor(() => expect(second.isBegun()).toBe(true));
  second.end();
  other.end();
  await Promise.all(running);
});

test('a task that fails is told to its caller alone, and the next one runs', async () => {
  const queue = new KeyedQueue();
  const failing = pendingTask();
  const outcome = expect(queue.run('a', failing.task)).rejects.toThrow('failed');
  const next = queue.run('a', () => Promise.resolve('done'));
  failing.fail();
  await outcome;
  await expect(next).resolves.toBe('done');
});
