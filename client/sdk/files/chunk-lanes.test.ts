import { describe, expect, it } from 'vitest';
import { ChunkLanes } from './chunk-lanes.ts';

const going = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** So many of ten more get in; they leave again. */
async function room(lanes: ChunkLanes): Promise<number> {
  const stop = new AbortController();
  let entered = 0;
  const all = Array.from({ length: 10 }, () =>
    lanes.enter(stop.signal).then(
      () => {
        entered += 1;
      },
      () => undefined,
    ),
  );
  await settled();
  stop.abort();
  await Promise.all(all);
  for (let left = 0; left < entered; left += 1) lanes.leave();
  return entered;
}

describe('chunks on their way', () => {
  it('are fewer at a time with each that breaks off, and never none', async () => {
    const lanes = new ChunkLanes(4);
    const found: number[] = [];
    for (let broken = 0; broken < 4; broken += 1) {
      found.push(await room(lanes));
      lanes.narrow();
    }
    expect(found).toEqual([4, 2, 1, 1]);
  });

  it('are more again after eight that arrived, up to as many as before', async () => {
    const lanes = new ChunkLanes(4);
    lanes.narrow();
    const found: number[] = [];
    for (let moved = 1; moved <= 32; moved += 1) {
      lanes.widen();
      if (moved % 8 === 0) found.push(await room(lanes));
    }
    expect(found).toEqual([3, 4, 4, 4]);
  });

  it('wait until another has left, and say that they did; one that is given up takes no turn', async () => {
    const lanes = new ChunkLanes(1);
    expect(await lanes.enter(going)).toBe(false);
    const givenUp = new AbortController();
    const first = lanes.enter(givenUp.signal);
    const second = lanes.enter(going);
    givenUp.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    lanes.leave();
    expect(await second).toBe(true);
  });
});
