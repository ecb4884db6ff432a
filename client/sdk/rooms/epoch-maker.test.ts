import { expect, test } from 'vitest';
import { progressTeller } from './epoch-maker.ts';

/** What is told while `count` keys are made, each of which takes so long. */
function toldWhile(count: number, eachMs: number): readonly number[] {
  let now = 0;
  const told: number[] = [];
  const tell = progressTeller(count, { now: () => now }, ({ done }) => told.push(done));
  for (let done = 8; done < count + 8; done += 8) {
    now += 8 * eachMs;
    tell(Math.min(done, count));
  }
  return told;
}

test('how far an epoch is made is told from one second on, and to its end', () => {
  expect(toldWhile(500, 5)).toEqual([224, 256, 288, 320, 352, 384, 416, 448, 480, 500]);
});

test('an epoch that is made within a second is not told of', () => {
  expect(toldWhile(200, 4)).toEqual([]);
});
