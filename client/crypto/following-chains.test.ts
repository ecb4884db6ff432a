import { describe, expect, it } from 'vitest';
import { type ChainId, parseChainId } from '../../src/protocol/ids.ts';
import { chainAfter, chainBefore, FOLLOWING_CHAINS_MAX, isSameOrLater } from './following-chains.ts';

const chain = (digits: string): ChainId => parseChainId(digits) ?? expect.unreachable();

describe('chains that follow each other', () => {
  it('have ids that count up as one number, around the end as well', () => {
    for (const [before, after] of [
      ['0f'.repeat(16), `${'0f'.repeat(15)}10`],
      [`${'12'.repeat(8)}${'ff'.repeat(8)}`, `${'12'.repeat(7)}13${'00'.repeat(8)}`],
      ['ff'.repeat(16), '00'.repeat(16)],
    ] as const) {
      expect(chainAfter(chain(before))).toBe(after);
      expect(chainBefore(chain(after))).toBe(before);
    }
  });

  it('are told from all others', () => {
    const first = chain(`${'ff'.repeat(15)}fe`);
    let later = first;
    for (let step = 0; step <= FOLLOWING_CHAINS_MAX; step += 1) {
      expect(isSameOrLater(later, first)).toBe(true);
      later = chainAfter(later);
    }
    expect(isSameOrLater(later, first)).toBe(false);
    expect(isSameOrLater(chainBefore(first), first)).toBe(false);
  });
});
