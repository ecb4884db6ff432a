import { expect, test } from 'vitest';
import { KeyedTurns, TURN_WAIT_MS, TURNS_AT_ONCE } from './keyed-turns.ts';

interface Held {
  readonly begun: string[];
  readonly step: (name: string) => () => Promise<string>;
  end(name: string): void;
}

/** Steps that last until a test ends them. */
function heldSteps(): Held {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    step: (name) => () =>
      new Promise((resolve) => {
        begun.push(name);
        ends.set(name, () => resolve(name));
      }),
    end: (name) => ends.get(name)?.(),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('steps of one key run one after the other, in the order in which they came', async () => {
  const turns = new KeyedTurns(() => 0);
  const held = heldSteps();
  const results = Promise.all(['a1', 'a2', 'a3'].map((name) => turns.run('a', held.step(name))));
  for (const name of ['a1', 'a2', 'a3']) {
    await settled();
    expect(held.begun.at(-1)).toBe(name);
    held.end(name);
  }
  expect(await results).toEqual(['a1', 'a2', 'a3']);
});

test('no more than TURNS_AT_ONCE steps run at a time, and those that wait begin as others end', async () => {
  const turns = new KeyedTurns(() => 0);
  const held = heldSteps();
  const names = Array.from({ length: TURNS_AT_ONCE + 2 }, (_, i) => `step${i}`);
  const results = Promise.all(names.map((name) => turns.run(name, held.step(name))));
  await settled();
  expect(held.begun).toEqual(names.slice(0, TURNS_AT_ONCE));
  for (const name of names) {
    held.end(name);
    await settled();
  }
  expect(held.begun).toEqual(names);
  expect(await results).toEqual(names);
});

test('who waited too long for its key or for its place is told so, and nothing was done', async () => {
  let nowMs = 0;
  const turns = new KeyedTurns(() => nowMs);
  const held = heldSteps();
  const names = Array.from({ length: TURNS_AT_ONCE }, (_, i) => `step${i}`);
  const first = names.map((name) => turns.run(name, held.step(name)));
  const sameKey = turns.run('step0', held.step('same key'));
  const otherKey = turns.run('other', held.step('other key'));
  await settled();
  nowMs = TURN_WAIT_MS + 1;
  for (const name of names) held.end(name);
  expect(await Promise.all(first)).toEqual(names);
  expect(await Promise.all([sameKey, otherKey])).toEqual(['too_late', 'too_late']);
  expect(held.begun).toEqual(names);
  const again = turns.run('step0', held.step('again'));
  await settled();
  held.end('again');
  expect(await again).toBe('again');
});
