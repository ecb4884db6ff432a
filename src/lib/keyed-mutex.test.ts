import { describe, expect, it } from 'vitest';
import { KeyedMutex } from './keyed-mutex.ts';

describe('a keyed mutex', () => {
  it('runs the tasks of one key one after the other, and those of others meanwhile', async () => {
    const mutex = new KeyedMutex<string>();
    const order: string[] = [];
    let release = (): void => undefined;
    const first = mutex.run('a', async () => {
      order.push('a1 begins');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push('a1 ends');
    });
    const second = mutex.run('a', () => order.push('a2'));
    await mutex.run('b', () => order.push('b'));
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['a1 begins', 'b', 'a1 ends', 'a2']);
  });

  it('goes on after a task that throws, and hands its error to its caller', async () => {
    const mutex = new KeyedMutex<string>();
    const failed = mutex.run('a', () => Promise.reject(new Error('no')));
    const next = mutex.run('a', () => 'yes');
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });
});
