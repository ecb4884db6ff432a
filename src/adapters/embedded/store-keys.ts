import { type AnyId, ID_BYTES } from '../../protocol/ids.ts';

/** LMDB orders keys by their bytes: ids are their 16 bytes, numbers 8 bytes with the highest first. */

/** Of a number in a key: a time, a position. */
export const NUMBER_BYTES = 8;
const HIGH_WORD = 2 ** 32;

/** What a key of an index leads to: it says everything itself. */
export const NOTHING: Buffer = Buffer.from([0]);

/** Joins ids (hexadecimal) and numbers (0 to 2^53) into one key. */
export function keyOf(...parts: readonly (AnyId | number)[]): Buffer {
  let length = 0;
  for (const part of parts) length += typeof part === 'number' ? NUMBER_BYTES : ID_BYTES;
  const key = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'number') {
      key.writeUInt32BE(Math.floor(part / HIGH_WORD), at);
      key.writeUInt32BE(part % HIGH_WORD, at + 4);
      at += NUMBER_BYTES;
    } else {
      at += key.write(part, at, 'hex');
    }
  }
  return key;
}

export function numberAt(key: Uint8Array, offset: number): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return view.getUint32(offset) * HIGH_WORD + view.getUint32(offset + 4);
}

export function textKey(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

/** The lowest key above this one. */
export function justAbove(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.from([0])]);
}

/** Above every key that starts with `prefix` and goes on for at most 64 bytes, none of which is a text byte of 0xff. */
export function endOf(prefix: Uint8Array): Buffer {
  return Buffer.concat([prefix, Buffer.alloc(64, 0xff)]);
}
