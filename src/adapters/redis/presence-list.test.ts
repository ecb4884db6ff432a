import { describe, expect, it } from 'vitest';
import { addToList } from './lease-scripts.ts';
import { PresenceList } from './presence-list.ts';
import type { RunScript } from './script.ts';

/** A list in a Redis that answers one write after the other, when it is told to. */
function setUp() {
  const writes: (readonly [what: 'add' | 'remove', ids: readonly unknown[]])[] = [];
  const waiting: ((error?: Error) => void)[] = [];
  const run: RunScript = (script, _keys, args = []) => {
    writes.push(script === addToList ? ['add', args.slice(1)] : ['remove', args]);
    return new Promise((resolve, reject) => {
      waiting.push((error) => (error === undefined ? resolve(1) : reject(error)));
    });
  };
  const answer = async (error?: Error): Promise<void> => {
    await expect.poll(() => waiting.length).toBe(1);
    waiting.pop()?.(error);
  };
  return { list: new PresenceList(run, 'key'), writes, answer };
}

describe('the list of where a node has entries', () => {
  it('writes what was asked for during a write with the next one', async () => {
    const { list, writes, answer } = setUp();
    const first = list.add(['one']);
    await expect.poll(() => writes.length).toBe(1);
    const rest = [list.add(['two', 'three']), list.add(['three']), list.add(['four'])];
    await answer();
    await first;
    await answer();
    await Promise.all(rest);
    expect(writes).toEqual([
      ['add', ['one']],
      ['add', ['two', 'three', 'four']],
    ]);
    expect([...list.listed]).toEqual(['one', 'two', 'three', 'four']);
    await list.add(['two']);
    expect(writes.length).toBe(2);
  });

  it('takes off at once what is unused by then, and keeps the rest', async () => {
    const { list, writes, answer } = setUp();
    const added = list.add(['one', 'two', 'three']);
    await answer();
    await added;
    let isUsed = false;
    const removed = [
      list.remove('one', () => true),
      list.remove('two', () => !isUsed),
      list.remove('three', () => true),
      list.remove('unknown', () => true),
    ];
    isUsed = true;
    await answer();
    await Promise.all(removed);
    expect(writes.slice(1)).toEqual([['remove', ['one', 'three']]]);
    expect([...list.listed]).toEqual(['two']);
  });

  it('lists again, behind the removal, what is needed again while it is taken off', async () => {
    const { list, writes, answer } = setUp();
    const added = list.add(['one']);
    await answer();
    await added;
    const removed = list.remove('one', () => true);
    await expect.poll(() => writes.length).toBe(2);
    const again = list.add(['one']);
    expect(writes.length).toBe(2);
    await answer();
    await removed;
    await answer();
    await again;
    expect(writes.map(([what]) => what)).toEqual(['add', 'remove', 'add']);
    expect([...list.listed]).toEqual(['one']);
  });

  it('tells all who waited for a write that failed, and goes on with the next', async () => {
    const { list, writes, answer } = setUp();
    const failing = [list.add(['one']), list.add(['two'])];
    const outcomes = Promise.allSettled(failing);
    await answer(new Error('Redis is away'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect([...list.listed]).toEqual([]);
    const again = list.add(['one']);
    await answer();
    await again;
    expect(writes.at(-1)).toEqual(['add', ['one']]);
  });
});
