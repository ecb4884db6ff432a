import { randomInt } from 'node:crypto';

/** TEST_SEED, with which a run can be repeated, else a new one. A test of chance names it when it fails. */
export function runSeed(): number {
  const given = process.env['TEST_SEED'];
  if (given === undefined || given === '') return randomInt(2 ** 31);
  const seed = Number(given);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31)
    throw new Error(`TEST_SEED is ${given}; it must be a whole number from 0 to 2147483647`);
  return seed;
}

/** As Math.random, from a seed (xorshift32). */
export function chance(seed: number): () => number {
  let state = seed === 0 ? 1 : seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
