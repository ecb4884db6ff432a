import { expect, test } from 'vitest';
import { FairTurns } from './fair-turns.ts';

const WAIT_MS = 60_000;
const tooLate = () => new RangeError('too late');

test('each key gets one step in its turn, so that a key with many holds nobody up for more than one', async () => {
  const turns = new FairTurns(WAIT_MS, tooLate);
  const order: string[] = [];
  const step = async (key: string): Promise<void> => {
    await turns.turn(key);
    order.push(key);
  };
  const steps = ['busy', 'busy', 'busy', 'one', 'other'].map(step);
  await Promise.all(steps);
  expect(order).toEqual(['busy', 'one', 'other', 'busy', 'busy']);
});

test('one step runs in a turn of the event loop, and other work runs in between', async () => {
  const turns = new FairTurns(WAIT_MS, tooLate);
  const order: string[] = [];
  const other = new Promise<void>((resolve) => {
    const tick = (left: number): void => {
      order.push('other');
      if (left === 0) resolve();
      else setImmediate(() => tick(left - 1));
    };
    setImmediate(() => tick(3));
  });
  const steps = ['a', 'b', 'c'].map(async (key) => {
    await turns.turn(key);
    order.push('step');
  });
  await Promise.all([other, ...steps]);
  expect(order.join(' ')).not.toContain('step step');
});

test('a step that is asked for later begins by itself', async () => {
  const turns = new FairTurns(WAIT_MS, tooLate);
  await turns.turn('a');
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  await expect(turns.turn('a')).resolves.toBeUndefined();
});

test('a step that waited too long is not done, and those behind it are', async () => {
  const turns = new FairTurns(50, tooLate);
  const late = turns.turn('a');
  const until = performance.now() + 100;
  while (performance.now() < until);
  const timely = turns.turn('a');
  await expect(late).rejects.toBeInstanceOf(RangeError);
  await expect(timely).resolves.toBeUndefined();
});
