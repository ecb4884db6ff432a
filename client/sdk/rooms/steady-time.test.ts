import { expect, test } from 'vitest';
import { MemoryState } from '../storage/memory-state.ts';
import { SteadyTime } from './steady-time.ts';

/** Clocks that stand still until a test moves them. */
async function standing() {
  const at = { wall: 1_800_000_000_000, running: 0 };
  const clock = { now: () => at.running, wallTime: () => at.wall };
  const time = await SteadyTime.load(clock, new MemoryState());
  const begin = time.now();
  const passed = (): number => time.now() - begin;
  const pass = (ms: number): void => {
    at.wall += ms;
    at.running += ms;
  };
  return { at, pass, passed };
}

test('what passes counts, awake and asleep, and a clock that is set forward counts as sleep', async () => {
  const { at, pass, passed } = await standing();
  pass(1_000);
  expect(passed()).toBe(1_000);
  at.wall += 60_000;
  expect(passed()).toBe(61_000);
});

test('what passes between two looks counts whole, by however little or much the wall clock was set back in between', async () => {
  for (const back of [2, 5_000, 10_000_000]) {
    const { at, pass, passed } = await standing();
    at.wall += 60_000;
    expect(passed()).toBe(60_000);
    at.wall -= back;
    pass(5_000);
    expect(passed()).toBe(65_000);
    at.wall += 60_000;
    expect(passed()).toBe(125_000);
  }
});

test('looks at a wall clock of whole milliseconds make no time of their own', async () => {
  const { at, passed } = await standing();
  const begin = at.wall;
  for (let i = 1; i <= 20_000; i += 1) {
    at.running = i * 0.37;
    at.wall = begin + Math.floor(at.running);
    passed();
  }
  expect(Math.abs(passed() - at.running)).toBeLessThanOrEqual(1);
});
