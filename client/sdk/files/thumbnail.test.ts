import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { THUMBNAIL_BYTES_MAX, THUMBNAIL_SIDE_MAX } from '../../../src/protocol/limits.ts';
import {
  animatedWebp,
  jpegOfABrowser,
  png,
  pngChunk,
  webpOfABrowser,
} from '../../../test/support/pictures.ts';
import { checkedThumbnail, withoutMetadata } from './thumbnail.ts';

const plainJpeg = withoutMetadata(jpegOfABrowser);
const plainWebp = withoutMetadata(webpOfABrowser);

/** The bytes with others at a place. */
function patched(bytes: Uint8Array, at: number, ...others: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(others, at);
  return copy;
}

describe('a thumbnail', () => {
  test('is taken as a plain JPEG, PNG or WebP, with the size that a decoder will find', () => {
    expect(checkedThumbnail(plainJpeg)).toMatchObject({ type: 'image/jpeg', width: 8, height: 6 });
    expect(checkedThumbnail(plainWebp)).toMatchObject({ type: 'image/webp', width: 8, height: 6 });
    expect(checkedThumbnail(png(40, 30))).toMatchObject({ type: 'image/png', width: 40, height: 30 });
    const side = THUMBNAIL_SIDE_MAX;
    expect(checkedThumbnail(png(side, side))).toMatchObject({ width: side, height: side });
  });

  test('is not decoded where it claims a picture that would fill the memory', () => {
    for (const [width, height] of [
      [30_000, 30_000],
      [THUMBNAIL_SIDE_MAX + 1, 1],
      [1, THUMBNAIL_SIDE_MAX + 1],
      [0, 1],
      [2 ** 31, 2 ** 31],
    ] as const)
      expect([width, height, checkedThumbnail(png(width, height))]).toEqual([width, height, undefined]);
    const frame = plainJpeg.findIndex((byte, at) => byte === 0xff && plainJpeg[at + 1] === 0xc0);
    expect(checkedThumbnail(patched(plainJpeg, frame + 5, 0x75, 0x30, 0x75, 0x30))).toBeUndefined();
    expect(checkedThumbnail(patched(plainWebp, 26, 0x30, 0x35, 0x30, 0x35))).toBeUndefined();
  });

  test('is one picture: neither animation, metadata, a second frame, nor anything behind its end', () => {
    const [head, data, end] = [
      png(8, 6).subarray(0, 33),
      pngChunk('IDAT', deflateSync(Buffer.alloc(150))),
      pngChunk('IEND'),
    ];
    const text = pngChunk('tEXt', Buffer.from('Comment\0<script>alert(1)</script>'));
    for (const unfit of [
      jpegOfABrowser,
      webpOfABrowser,
      animatedWebp,
      Buffer.concat([head, pngChunk('acTL', Buffer.alloc(8)), data, end]),
      Buffer.concat([head, text, data, end]),
      Buffer.concat([head, data, end, text]),
      Buffer.concat([head, head.subarray(8), data, end]),
      Buffer.concat([head, data]),
      Buffer.concat([png(8, 6), Buffer.from('<svg/>')]),
      Buffer.concat([plainJpeg, Buffer.from('<svg/>')]),
      Buffer.concat([plainWebp, Buffer.from('<svg/>')]),
      Buffer.concat([
        plainJpeg.subarray(0, 2),
        Buffer.from([0xff, 0xfe, 0, 8]),
        Buffer.from('<svg/>'),
        plainJpeg.subarray(2),
      ]),
      Buffer.concat([plainJpeg.subarray(0, -2), plainJpeg.subarray(2)]),
    ])
      expect(checkedThumbnail(unfit)).toBeUndefined();
  });

  test('is nothing else that a browser would draw or run, whatever it begins like', () => {
    for (const text of [
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
      '<!doctype html><script>alert(1)</script>',
      'GIF89a/*<svg/onload=alert(1)>*/=1;',
      '\u00ff\u00d8<svg xmlns="http://www.w3.org/2000/svg"/>',
      'RIFF\x20\0\0\0WEBP<svg/>',
      'BM',
      '',
    ])
      expect([text, checkedThumbnail(Buffer.from(text, 'latin1'))]).toEqual([text, undefined]);
  });

  test('is never longer than a message may hold', () => {
    const long = Buffer.concat([
      png(8, 6).subarray(0, 33),
      pngChunk('IDAT', Buffer.alloc(THUMBNAIL_BYTES_MAX)),
      pngChunk('IEND'),
    ]);
    expect(checkedThumbnail(long)).toBeUndefined();
    expect(checkedThumbnail(new Uint8Array(THUMBNAIL_BYTES_MAX + 1))).toBeUndefined();
  });

  test('makes nobody fail, wherever it is cut or changed', () => {
    for (const whole of [plainJpeg, plainWebp, png(40, 30)]) {
      for (let length = 0; length < whole.length; length += 1)
        expect([length, checkedThumbnail(whole.subarray(0, length))]).toEqual([length, undefined]);
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
          const { width = 1, height = 1 } = checkedThumbnail(patched(whole, at, byte)) ?? {};
          expect(Math.max(width, height)).toBeLessThanOrEqual(THUMBNAIL_SIDE_MAX);
        }),
      );
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void checkedThumbnail(bytes)));
  });
});

test('what a browser says of itself in a picture is taken out of it', () => {
  for (const [whole, plain] of [
    [jpegOfABrowser, plainJpeg],
    [webpOfABrowser, plainWebp],
  ] as const) {
    expect(Buffer.from(whole).includes('RGB')).toBe(true);
    expect(Buffer.from(plain).includes('RGB')).toBe(false);
    expect(withoutMetadata(plain)).toEqual(plain);
  }
  expect(withoutMetadata(png(8, 6))).toEqual(Uint8Array.from(png(8, 6)));
});
