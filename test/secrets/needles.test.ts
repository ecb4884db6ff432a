import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { found, type Needle } from './needles.ts';

const needle: Needle = { name: 'canary', bytes: randomBytes(32) };
const raw = Buffer.from(needle.bytes);

describe('the search for secrets', () => {
  it.each<[string, Buffer]>([
    ['as they are', Buffer.concat([randomBytes(99), raw, randomBytes(9)])],
    ['in hexadecimal', Buffer.from(`x${raw.toString('hex')}`)],
    ['in capital hexadecimal', Buffer.from(raw.toString('hex').toUpperCase())],
    ['as numbers', Buffer.from(JSON.stringify({ secret: [...raw] }))],
    ...[0, 1, 2].flatMap((offset): [string, Buffer][] => {
      const around = Buffer.concat([randomBytes(30 + offset), raw, randomBytes(7)]);
      return [
        [`in Base64 at place ${offset}`, Buffer.from(around.toString('base64'))],
        [`in URL Base64 at place ${offset}`, Buffer.from(around.toString('base64url'))],
      ];
    }),
  ])('finds bytes %s', (_, haystack) => {
    expect(found(haystack, [needle])).toEqual(['canary']);
  });

  it('finds nothing where there is nothing', () => {
    const other = randomBytes(10_000);
    expect(found(Buffer.concat([other, Buffer.from(other.toString('base64'))]), [needle])).toEqual([]);
  });
});
