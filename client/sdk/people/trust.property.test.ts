import { test } from 'vitest';
import { runSeed } from '../../../test/support/chance.ts';
import { playTrustSequences } from '../../../test/support/hostile/trust-sequences.ts';

/** A fiftieth of what `npm run test:long` plays: half of it the same each time, half new each time. */
const SEQUENCES = 2_000;

test.each([
  ['the same each time', 20_260_101],
  ['new each time', runSeed()],
])(
  'no sequence of what a server may say, %s, changes whom this client believes, without a signature or a decision on that very key',
  (_, seed) => playTrustSequences(SEQUENCES / 2, seed),
  120_000,
);
