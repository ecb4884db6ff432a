import { setImmediate as breathe } from 'node:timers/promises';
import { it } from 'vitest';
import { runSeed } from '../../test/support/chance.ts';
import { readAnyFrames } from '../../test/support/hostile/any-frames.ts';

const FRAMES = 1_000_000;
/** Between two portions this process answers the one that runs it. */
const PORTION = 50_000;

it(
  'the codec never throws on 1,000,000 random or mutated frames, in either direction',
  async () => {
    const seed = runSeed();
    for (let done = 0; done < FRAMES; done += PORTION) {
      readAnyFrames(PORTION, seed + done / PORTION);
      await breathe();
    }
  },
  30 * 60_000,
);
