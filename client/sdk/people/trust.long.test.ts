import { test } from 'vitest';
import { runSeed } from '../../../test/support/chance.ts';
import { playTrustSequences } from '../../../test/support/hostile/trust-sequences.ts';

test(
  'none of 100,000 sequences of what a server may say changes whom this client believes, without a signature or a decision on that very key',
  () => playTrustSequences(100_000, runSeed()),
  30 * 60_000,
);
