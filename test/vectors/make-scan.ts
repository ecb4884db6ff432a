import { toHex } from '../../src/protocol/bytes.ts';
import { framesOfMessage } from '../../src/protocol/client-codec.ts';
import { BATCH_FRAMES_MAX, CONTAINER_ITEMS_MAX, NESTING_DEPTH_MAX } from '../../src/protocol/limits.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import { scanFrame } from '../../src/protocol/scan.ts';

const caps = { depthMax: NESTING_DEPTH_MAX, itemsMax: CONTAINER_ITEMS_MAX };

const whole = (value: unknown): string => toHex(encode(value));

const valid: readonly string[] = [
  whole(null),
  whole([]),
  whole({}),
  whole([2, 1, { client: 'x/1', nonce: new Uint8Array(32), origin: 'ws://127.0.0.1:8080' }]),
  whole([16, 7, new Uint8Array(16), 2 ** 32, new Uint8Array(300), new Uint8Array(0), new Uint8Array(256)]),
  whole([2 ** 53 - 1, -(2 ** 53 - 1), 0, -1, -32, -33, -128, -129, 255, 256, 65535, 65536, true, false]),
  whole(['ä€😀', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(256)]),
  whole([[[[[[[0]]]]]]]),
  `9f${`dc0400${'00'.repeat(1024)}`.repeat(15)}`,
  whole({ a: { a: 1, b: 2 }, b: { a: 1, b: 2 } }),
  'd90161',
  'cc01',
  'd30000000000000001',
];

const invalid: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['an array that ends early', '9201'],
  ['a binary that ends early', 'c40500'],
  ['a text that ends early', 'a361'],
  ['an integer that ends early', 'cf000000'],
  ['a length that ends early', 'dd0000'],
  ['a map without its value', '81a161'],
  ['a byte too many', '0101'],
  ['eight arrays in each other', '919191919191919100'],
  ['a claim of four thousand million elements', 'ddffffffff'],
  ['a claim of four thousand million keys', 'dfffffffff'],
  ['1025 elements', `dc0401${'00'.repeat(1025)}`],
  ['16385 values, however they are nested', `dc0010${`dc03ff${'00'.repeat(1023)}`.repeat(16)}`],
  ['33 keys', whole(Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, 0])))],
  ['an extension', 'd40100'],
  ['a timestamp', 'd6ff00000000'],
  ['a float of 32 bits', 'ca3f800000'],
  ['a float of 64 bits', 'cb3ff0000000000000'],
  ['2^53', 'cf0020000000000000'],
  ['-2^53', 'd3ffe0000000000000'],
  ['a repeated key', '82a16101a16102'],
  ['a repeated key with another length prefix', '82a16101d9016102'],
  ['a number as key', '810101'],
  ['a key that is not ASCII', '81a2c3a401'],
  ['a key of 33 bytes', whole({ ['k'.repeat(33)]: 0 })],
  ['the key __proto__', `81a9${toHex(new TextEncoder().encode('__proto__'))}00`],
  ['an overlong text', 'a2c1a1'],
  ['a surrogate in a text', 'a3eda080'],
  ['the reserved byte', 'c1'],
];

/** Messages of several frames, for a client that asked for batches. */
const batches: readonly string[] = [
  whole([111, { version: 1 }]),
  whole([111, { version: 1 }]) + whole([0, 7, { time: 5 }]) + whole([111, { version: 2 }]),
];

/** What is no batch, and why. */
const noBatches: readonly (readonly [string, string])[] = [
  ['an empty message', ''],
  ['a second frame that ends early', `${whole([111, { version: 1 }])}92`],
  ['junk behind a frame', `${whole([111, { version: 1 }])}c1`],
  ['257 frames', whole([111, { version: 1 }]).repeat(BATCH_FRAMES_MAX + 1)],
];

/** Frames that may be decoded, and frames that must be refused before, under a depth of 6 and 1024 elements. */
export function scanVectors(): unknown {
  return {
    depth_max: caps.depthMax,
    items_max: caps.itemsMax,
    valid: valid.map((frame) => ({ frame })),
    invalid: invalid.map(([why, frame]) => ({
      why,
      frame,
      reason: scanFrame(Buffer.from(frame, 'hex'), caps),
    })),
    batch_frames_max: BATCH_FRAMES_MAX,
    batches: batches.map((message) => ({ message, frames: framesOf(message).map(toHex) })),
    no_batches: noBatches.map(([why, message]) => ({
      why,
      message,
      reason: framesOfMessage(Buffer.from(message, 'hex'), true),
    })),
  };
}

function framesOf(message: string): readonly Uint8Array[] {
  const frames = framesOfMessage(Buffer.from(message, 'hex'), true);
  if (typeof frames === 'string') throw new Error(`not a batch: ${frames}`);
  return frames;
}
