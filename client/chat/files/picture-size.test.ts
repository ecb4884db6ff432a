import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PICTURE_SIDE_MAX } from '../../../src/protocol/limits.ts';
import { pictureSize } from './picture-size.ts';

function png(width: number, height: number): Uint8Array {
  const head = Buffer.alloc(33);
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(head);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
}

/** Of 3 × 2 pixels, which EXIF says how to turn. */
function jpeg(orientation: number): Uint8Array {
  const exif = Buffer.from(
    '457869660000' + '4d4d002a00000008' + '0001' + '011200030000000100000000' + '00000000',
    'hex',
  );
  exif.writeUInt16BE(orientation, 24);
  const app1 = Buffer.concat([Buffer.from([0xff, 0xe1, 0, exif.length + 2]), exif]);
  const frame = Buffer.from('ffc00011080002000303012200021101031101', 'hex');
  return Buffer.concat([Buffer.from([0xff, 0xd8]), app1, frame, Buffer.alloc(64)]);
}

test('a picture has the size in which it is shown', async () => {
  expect(await pictureSize(png(1024, 768))).toEqual({ width: 1024, height: 768 });
  expect(await pictureSize(jpeg(1))).toEqual({ width: 3, height: 2 });
  expect(await pictureSize(jpeg(6))).toEqual({ width: 2, height: 3 });
});

test('what is no picture, or has no size that a message can hold, has none', async () => {
  for (const head of [
    png(0, 1),
    png(1, PICTURE_SIDE_MAX + 1),
    new TextEncoder().encode('GIF? no'),
    new Uint8Array(),
  ])
    expect(await pictureSize(head)).toEqual({});
});

test('whatever the bytes, there is an answer', async () => {
  const starts = [
    '89504e470d0a1a0a',
    'ffd8ffe0',
    '474946383961',
    '52494646',
    '0000002066747970',
    '49492a00',
    '69636e73',
  ];
  const bytes = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 4_096, size: 'max' }));
  await fc.assert(
    fc.asyncProperty(bytes, async ([start, rest]) => {
      const { width = 1, height = 1 } = await pictureSize(Buffer.concat([Buffer.from(start, 'hex'), rest]));
      expect(Math.min(width, height)).toBeGreaterThan(0);
      expect(Math.max(width, height)).toBeLessThanOrEqual(PICTURE_SIDE_MAX);
    }),
  );
});
