import { decode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quickestWithin } from '../../test/support/eventually.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { encode } from './message-pack.ts';
import { MAP_KEYS_MAX, scanFrame } from './scan.ts';

const caps = { depthMax: 6, itemsMax: 1024 };
const scan = (...bytes: number[]): string => scanFrame(Uint8Array.from(bytes), caps);
const nested = (depth: number): Uint8Array => Uint8Array.from([...Array<number>(depth).fill(0x91), 0x01]);

describe('the scan before decoding', () => {
  it('accepts every kind of value that a frame may hold', () => {
    const value = [
      null,
      true,
      false,
      0,
      127,
      128,
      65536,
      2 ** 32,
      2 ** 53 - 1,
      -1,
      -33,
      -(2 ** 40),
      'ä😀',
      new Uint8Array(300),
      { a: 1, b: [] },
    ];
    expect(scanFrame(encode(value), caps)).toBe('ok');
  });

  it('refuses nothing at all, and bytes that end early', () => {
    expect(scan()).toBe('truncated');
    expect(scan(0x92, 0x01)).toBe('truncated');
    expect(scan(0xc4, 0x05, 0x00)).toBe('truncated');
    expect(scan(0xc6, 0x00)).toBe('truncated');
    expect(scan(0xa3, 0x61)).toBe('truncated');
    expect(scan(0xcf, 0, 0, 0)).toBe('truncated');
    expect(scan(0x81, 0xa1, 0x61)).toBe('truncated');
    expect(scan(0x81, 0xa5, 0x61)).toBe('truncated');
    expect(scan(0x81, 0xd9)).toBe('truncated');
  });

  it('refuses bytes after the value', () => expect(scan(0x01, 0x01)).toBe('trailing_bytes'));

  it('counts nesting by containers', () => {
    expect(scanFrame(nested(6), caps)).toBe('ok');
    expect(scanFrame(nested(7), caps)).toBe('too_deep');
    expect(scanFrame(nested(100_000), caps)).toBe('too_deep');
    expect(scan(0x81, 0xa1, 0x61, 0x91, 0x91, 0x91, 0x91, 0x91, 0x90)).toBe('too_deep');
  });

  it('refuses counts above the cap before it looks at the elements', () => {
    expect(scan(0xdd, 0xff, 0xff, 0xff, 0xff)).toBe('too_many_items');
    expect(scan(0xdf, 0xff, 0xff, 0xff, 0xff)).toBe('too_many_items');
    expect(scan(0xdc, 0x04, 0x01)).toBe('too_many_items');
    expect(scan(0xde, 0x00, MAP_KEYS_MAX + 1)).toBe('too_many_items');
  });

  it('refuses more values in a frame than any honest one has', () => {
    const row = encode(Array<number>(1023).fill(0));
    const rows = (count: number): Uint8Array =>
      concatBytes(Uint8Array.of(0xdc, 0, count), ...Array<Uint8Array>(count).fill(row));
    expect(scanFrame(rows(15), caps)).toBe('ok');
    expect(scanFrame(rows(16), caps)).toBe('too_many_items');
  });

  it('refuses counts that the remaining bytes cannot hold', () => {
    expect(scan(0xdc, 0x04, 0x00)).toBe('truncated');
    expect(scan(0x82, 0xa1, 0x61, 0x01)).toBe('truncated');
  });

  it('refuses extension types, floats and the reserved byte', () => {
    for (const head of [0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8])
      expect(scan(head, 0, 0, 0, 0, 0)).toBe('extension');
    expect(scan(0xca, 0, 0, 0, 0)).toBe('float');
    expect(scanFrame(encode(1.5), caps)).toBe('float');
    expect(scan(0xc1)).toBe('reserved_byte');
  });

  it('refuses integers that a double cannot hold exactly', () => {
    expect(scan(0xcf, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)).toBe('ok');
    expect(scan(0xcf, 0x00, 0x20, 0, 0, 0, 0, 0, 0)).toBe('integer_too_large');
    expect(scan(0xd3, 0x00, 0x20, 0, 0, 0, 0, 0, 0)).toBe('integer_too_large');
    expect(scan(0xd3, 0xff, 0xe0, 0, 0, 0, 0, 0, 1)).toBe('ok');
    expect(scan(0xd3, 0xff, 0xe0, 0, 0, 0, 0, 0, 0)).toBe('integer_too_large');
    expect(scan(0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0)).toBe('integer_too_large');
  });

  it('refuses keys that are no short printable ASCII, or that name the prototype', () => {
    expect(scan(0x81, 0x01, 0x01)).toBe('bad_key');
    expect(scan(0x81, 0xc4, 0x01, 0x61, 0x01)).toBe('bad_key');
    expect(scan(0x81, 0xa1, 0x00, 0x01)).toBe('bad_key');
    expect(scan(0x81, 0xa2, 0xc3, 0xa4, 0x01)).toBe('bad_key');
    expect(scanFrame(encode({ ['k'.repeat(33)]: 1 }), caps)).toBe('bad_key');
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const key = utf8(name);
      expect(
        scanFrame(concatBytes(Uint8Array.of(0x81, 0xa0 + key.length), key, Uint8Array.of(1)), caps),
      ).toBe('bad_key');
    }
  });

  it('finds a repeated key, also when its length is written differently or other maps stand between', () => {
    expect(scan(0x82, 0xa1, 0x61, 0x01, 0xa1, 0x61, 0x02)).toBe('duplicate_key');
    expect(scan(0x82, 0xa1, 0x61, 0x01, 0xd9, 0x01, 0x61, 0x02)).toBe('duplicate_key');
    expect(scan(0x82, 0xa1, 0x61, 0x82, 0xa1, 0x62, 0x01, 0xa1, 0x63, 0x01, 0xa1, 0x61, 0x02)).toBe(
      'duplicate_key',
    );
    expect(
      scanFrame(
        encode([
          { a: 1, b: 2 },
          { a: { a: 1, b: 1 }, b: 2 },
        ]),
        caps,
      ),
    ).toBe('ok');
  });

  it('refuses texts that are not well-formed UTF-8', () => {
    expect(scan(0xa1, 0x80)).toBe('bad_text');
    expect(scan(0xa2, 0xc1, 0xa1)).toBe('bad_text');
    expect(scan(0xa3, 0xe0, 0x80, 0x80)).toBe('bad_text');
    expect(scan(0xa3, 0xed, 0xa0, 0x80)).toBe('bad_text');
    expect(scan(0xa4, 0xf4, 0x90, 0x80, 0x80)).toBe('bad_text');
    expect(scan(0xa2, 0xe2, 0x82)).toBe('bad_text');
  });

  it('never throws, and what it accepts the library decodes without complaint', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        if (scanFrame(bytes, caps) === 'ok') expect(() => decode(bytes)).not.toThrow();
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with a strict UTF-8 decoder about every short text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 31 }), (text) => {
        let wellFormed = true;
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(text);
        } catch {
          wellFormed = false;
        }
        const framed = concatBytes(Uint8Array.of(0xa0 + text.length), text);
        expect(scanFrame(framed, caps)).toBe(wellFormed ? 'ok' : 'bad_text');
      }),
      { numRuns: 2000 },
    );
  });

  it('takes linear time on the worst frames', async () => {
    const map = encode(
      Object.fromEntries(
        Array.from({ length: MAP_KEYS_MAX }, (_, i) => [`${'k'.repeat(30)}${String(i).padStart(2, '0')}`, 1]),
      ),
    );
    const many = concatBytes(Uint8Array.of(0xdc, 0x01, 0x2c), ...Array<Uint8Array>(300).fill(map));
    await quickestWithin(200, async () => {
      const started = performance.now();
      expect(scanFrame(many, caps)).toBe('ok');
      return performance.now() - started;
    });
  });
});
