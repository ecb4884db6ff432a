import { describe, expect, it } from 'vitest';
import { CLOCK_JUMP_MS, ClockJump } from './clock-jump.ts';

function clocks() {
  const at = { wall: 1_000_000, monotonic: 5_000 };
  const jump = new ClockJump({ wall: () => at.wall, monotonic: () => at.monotonic });
  const pass = (ms: number): void => {
    at.wall += ms;
    at.monotonic += ms;
  };
  return { at, jump, pass };
}

describe('a jump of the machine’s clock', () => {
  it('is none while both clocks pass, and when the clock is set by little', () => {
    const { at, jump, pass } = clocks();
    expect([jump.look(), jump.isWithin(1)]).toEqual([0, false]);
    pass(3_600_000);
    expect(jump.look()).toBe(0);
    for (let times = 0; times < 5; times += 1) {
      at.wall += CLOCK_JUMP_MS;
      expect(jump.look()).toBe(0);
    }
    expect(jump.isWithin(1_000)).toBe(false);
  });

  it('is told once, ahead and back, and is over after the time that is asked for', () => {
    const { at, jump, pass } = clocks();
    for (const by of [CLOCK_JUMP_MS + 1, -1_000_000]) {
      at.wall += by;
      expect(jump.look()).toBe(by);
      expect(jump.look()).toBe(0);
      pass(999);
      expect(jump.isWithin(1_000)).toBe(true);
      pass(1);
      expect(jump.isWithin(1_000)).toBe(false);
    }
  });
});
