import { describe, expect, test } from 'vitest';
import { concatBytes } from '../bytes.ts';
import { USER_STATE_BYTES_MAX } from '../limits.ts';
import { encode } from '../message-pack.ts';
import { padUserState, parseUserState, splitSealedState, unpadUserState } from './user-state.ts';

const id = (byte: number): Uint8Array => new Uint8Array(16).fill(byte);
const tag = new Uint8Array(8).fill(7);
const noOrder = [[], 0, tag];

describe('the content of a state', () => {
  test('is taken in its one form only', () => {
    const good = [[[id(1), 5]], [[id(1), 2, 1, tag]], [['bob', true, 1, tag]], noOrder];
    expect(parseUserState(encode(good))).toBeDefined();
    const [reads, levels, ignored] = good;
    for (const bad of [
      [],
      [reads, levels, ignored],
      [...good, 1],
      [
        [
          [id(2), 5],
          [id(1), 5],
        ],
        levels,
        ignored,
        noOrder,
      ],
      [
        [
          [id(1), 5],
          [id(1), 6],
        ],
        levels,
        ignored,
        noOrder,
      ],
      [[[id(1), -5]], levels, ignored, noOrder],
      [[[id(1)]], levels, ignored, noOrder],
      [[[id(1), 5, 5]], levels, ignored, noOrder],
      [reads, [[id(1), 3, 1, tag]], ignored, noOrder],
      [reads, [[id(1), 2, 1, tag.subarray(1)]], ignored, noOrder],
      [reads, levels, [['Bob', true, 1, tag]], noOrder],
      [reads, levels, [['b b', true, 1, tag]], noOrder],
      [reads, levels, [['bob', 1, 1, tag]], noOrder],
      [reads, levels, ignored, [[id(1), id(1)], 1, tag]],
      [reads, levels, ignored, [[1], 1, tag]],
      [reads, levels, ignored, [[], 0]],
      [Array.from({ length: 501 }, (_, at) => [id(at % 256), 1]), levels, ignored, noOrder],
    ])
      expect(parseUserState(encode(bad))).toBeUndefined();
    expect(parseUserState(concatBytes(encode(good), id(0)))).toBeUndefined();
    expect(parseUserState(new Uint8Array(0))).toBeUndefined();
  });

  test('is padded to one of five lengths', () => {
    const sizes = [0, 1, 4_095, 4_096, 8_191, 20_000, 65_535].map((length) => {
      const content = new Uint8Array(length).fill(1);
      const padded = padUserState(content);
      expect(unpadUserState(padded)).toEqual(content);
      return padded.length / 1_024;
    });
    expect(sizes).toEqual([4, 4, 4, 8, 8, 32, 64]);
    expect(() => padUserState(new Uint8Array(65_536))).toThrow(RangeError);
    for (const bad of [new Uint8Array(0), new Uint8Array(4_096), padUserState(id(1)).subarray(1)])
      expect(unpadUserState(bad)).toBeUndefined();
  });

  test('is no longer sealed than a server takes, and names a layout that a client may not know yet', () => {
    expect(1 + 12 + padUserState(new Uint8Array(65_535)).length + 16).toBe(USER_STATE_BYTES_MAX);
    expect(splitSealedState(Uint8Array.of(2))).toBe('newer');
    for (const bad of [new Uint8Array(0), new Uint8Array(40), Uint8Array.of(1, 2, 3)])
      expect(splitSealedState(bad)).toBeUndefined();
  });
});
