import { describe, expect, it } from 'vitest';
import { secondsMs, wholeNumber } from './whole-number.ts';

const otherWritings = ['', ' ', ' 7', '7 ', '1e3', '0x10', '0b1', '+7', '-0', '-1', 'Infinity', 'NaN', '١'];

describe('a whole number', () => {
  it('is digits alone', () => {
    expect([wholeNumber('0', 0, 9), wholeNumber('007', 0, 9), wholeNumber('9', 0, 9)]).toEqual([0, 7, 9]);
    for (const text of [...otherWritings, '1.0', '1.', '.5'])
      expect(wholeNumber(text, 0, Number.MAX_SAFE_INTEGER), text).toBeUndefined();
  });

  it('keeps to its limits, also those of what is exact', () => {
    expect([wholeNumber('0', 1, 9), wholeNumber('10', 1, 9)]).toEqual([undefined, undefined]);
    expect(wholeNumber('9007199254740991', 0, Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    expect(wholeNumber('9007199254740992', 0, Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });
});

describe('a number of seconds', () => {
  it('may have a fraction', () => {
    expect([secondsMs('30', 60), secondsMs('0.5', 60), secondsMs('.25', 60)]).toEqual([30_000, 500, 250]);
  });

  it('is above zero, within its limit, and written in no other way', () => {
    for (const text of [...otherWritings, '0', '0.0', '60.5', '1.', '1.2.3'])
      expect(secondsMs(text, 60), text).toBeUndefined();
  });
});
