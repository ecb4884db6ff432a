import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Output } from './output.ts';

const CHUNK = 0x1000;

test('no character that a terminal obeys or hides is in a JSON line, and each means what it was', () => {
  for (let from = 0; from <= 0x10ffff; from += CHUNK) {
    const text = Array.from({ length: CHUNK }, (_, at) => String.fromCodePoint(from + at)).join('');
    const stdout = new PassThrough({ highWaterMark: 1 << 20 });
    const output = new Output({ json: true, stdout, stderr: new PassThrough() });
    output.data({ type: 'any', [`key ${text}`]: text });
    const line = String(stdout.read()).slice(0, -1);
    expect(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.exec(line)?.[0]).toBeUndefined();
    expect(JSON.parse(line)).toEqual({ type: 'any', [`key ${text}`]: text });
  }
});
