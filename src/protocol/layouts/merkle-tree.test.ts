import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merkleLevels, merklePath, merkleTop, topOfPath } from './merkle-tree.ts';

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test is broken');
  return value;
}

const hashOf = (left: string, right: string): string =>
  createHash('sha256').update(`${left} ${right}`).digest('hex');

/** As RFC 9162, 2.1.1 defines it: split at the largest power of two below the count. */
function topOf(leaves: readonly string[]): string {
  if (leaves.length === 1) return present(leaves[0]);
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return hashOf(topOf(leaves.slice(0, half)), topOf(leaves.slice(half)));
}

describe('trees', () => {
  const leavesOf = (width: number): readonly string[] =>
    Array.from({ length: width }, (_, at) => `leaf ${at}`);

  it('of any size are those of RFC 9162, and every leaf leads to the top', () => {
    for (const width of [...Array.from({ length: 70 }, (_, at) => at + 1), 1000, 2000]) {
      const leaves = leavesOf(width);
      const levels = merkleLevels(leaves, hashOf);
      const top = topOf(leaves);
      expect(merkleTop(levels)).toBe(top);
      for (const [index, leaf] of leaves.entries()) {
        const path = merklePath(levels, index);
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(width)));
        expect(topOfPath(leaf, { index, count: width }, path, hashOf)).toBe(top);
      }
    }
  });

  it('take no leaf at another place, and no path of another length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (width, one, other) => {
        const leaves = leavesOf(width);
        const levels = merkleLevels(leaves, hashOf);
        const [index, elsewhere] = [one % width, other % width];
        const leaf = present(leaves[index]);
        const path = merklePath(levels, index);
        const top = merkleTop(levels);
        const place = { index, count: width };
        if (elsewhere !== index)
          expect(topOfPath(leaf, { ...place, index: elsewhere }, path, hashOf)).not.toBe(top);
        expect(topOfPath(leaf, place, [...path, 'more'], hashOf)).toBeUndefined();
        expect(topOfPath(leaf, place, path.slice(1), hashOf)).toBeUndefined();
        for (const wrong of [-1, width, 0.5, Number.NaN])
          expect(topOfPath(leaf, { ...place, index: wrong }, path, hashOf)).toBeUndefined();
      }),
    );
  });
});
