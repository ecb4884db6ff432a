import { expect, test } from 'vitest';
import { settled } from '../../../test/support/sdk/manual-clock.ts';
import { AtOnce } from './at-once.ts';

test('so many pieces of work run at once, and each that ends or fails lets the next one begin', async () => {
  const atOnce = new AtOnce(2);
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string): Promise<void> =>
    atOnce.run(() => {
      begun.push(name);
      return new Promise((resolve, reject) => {
        ends.set(name, (error) => (error === undefined ? resolve() : reject(error)));
      });
    });
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(work);
  await settled();
  expect(begun).toEqual(['a', 'b']);
  ends.get('b')?.(new Error('lost'));
  await expect(b).rejects.toThrow('lost');
  await settled();
  expect(begun).toEqual(['a', 'b', 'c']);
  ends.get('a')?.();
  ends.get('c')?.();
  await settled();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  ends.get('d')?.();
  await Promise.all([a, c, d]);
});
