import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOwn, decodeStrict, encode } from './message-pack.ts';
import { scanFrame } from './scan.ts';

const caps = { depthMax: 6, itemsMax: 1024 };

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger().map((n) => n + 0),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
);
const key = fc
  .stringMatching(/^[a-z]{1,8}$/)
  .filter((name) => name !== 'constructor' && name !== 'prototype');
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6, noNullPrototype: true }),
  ),
}));

describe('strict MessagePack', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decodeStrict(encode(value), caps)).toStrictEqual({ ok: true, value });
      }),
    );
  });

  it('never throws on mutated bytes and always ends in a value or a reason', () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.nat(255), (value, where, byte) => {
        const bytes = encode(value);
        bytes[where % bytes.length] = byte;
        const decoded = decodeStrict(bytes, caps);
        expect(decoded.ok ? 'ok' : decoded.reason).toBe(scanFrame(bytes, caps));
      }),
      { numRuns: 2000 },
    );
  });

  it('without the scan gives the same for what was encoded, and never throws on damaged bytes', () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.nat(255), (value, where, byte) => {
        const bytes = Buffer.from(encode(value));
        const decoded = decodeOwn(bytes, caps);
        bytes[where % bytes.length] = byte;
        expect(() => decodeOwn(bytes, caps)).not.toThrow();
        // Also: no binary of it is a view of the bytes that changed since.
        expect(decoded).toStrictEqual({ ok: true, value });
      }),
      { numRuns: 2000 },
    );
  });

  it('writes integers above 32 bits as integers', () => {
    expect(encode(2 ** 32)).toStrictEqual(Uint8Array.of(0xcf, 0, 0, 0, 1, 0, 0, 0, 0));
    expect(encode(1_790_000_000_000)[0]).toBe(0xcf);
    expect(encode(-(2 ** 40))[0]).toBe(0xd3);
    expect(decodeStrict(encode(2 ** 53 - 1), caps)).toStrictEqual({ ok: true, value: 2 ** 53 - 1 });
  });

  it('leaves out fields that are undefined', () => {
    expect(encode({ a: undefined, b: 1 })).toStrictEqual(encode({ b: 1 }));
  });

  it('copies binaries, also out of a Buffer', () => {
    const frame = Buffer.from(encode([Uint8Array.of(1, 2, 3), { a: Uint8Array.of(4) }]));
    const decoded = decodeStrict(frame, caps);
    frame.fill(0);
    expect(decoded).toStrictEqual({ ok: true, value: [Uint8Array.of(1, 2, 3), { a: Uint8Array.of(4) }] });
  });

  it('refuses claims of gigabytes without allocating them', () => {
    const before = process.memoryUsage().rss;
    for (const head of [0xdd, 0xdf, 0xc6, 0xdb]) {
      expect(decodeStrict(Uint8Array.of(head, 0xff, 0xff, 0xff, 0xff), caps).ok).toBe(false);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});
