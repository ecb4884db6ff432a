import { decode, Encoder } from '@msgpack/msgpack';
import { MAP_KEY_BYTES_MAX, MAP_KEYS_MAX, type ScanCaps, type ScanFault, scanFrame } from './scan.ts';

export type Decoded =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: ScanFault | 'undecodable' };

/**
 * MessagePack in its shortest form: integers up to ±(2^53 − 1) as integers, Uint8Array as binary, map fields in the
 * order of the object's keys, fields that are undefined left out. Two encodings of equal arrays of scalars are equal bytes.
 * Texts must be well-formed (no lone surrogates) and numbers integers, or no reader accepts the result.
 */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return new Encoder({ ignoreUndefined: true, initialBufferSize: 256 }).encode(value);
}

/**
 * Scans, then decodes. Maps become objects, binaries are fresh Uint8Arrays that don't share memory with `bytes`.
 * Never throws; a value that passed is made of null, booleans, safe integers, texts, binaries, arrays and objects only.
 */
export function decodeStrict(bytes: Uint8Array, caps: ScanCaps): Decoded {
  const scanned = scanFrame(bytes, caps);
  return scanned === 'ok' ? decodeOwn(bytes, caps) : { ok: false, reason: scanned };
}

/**
 * As decodeStrict() for bytes that this program wrote: without the scan, which costs as much again. Of bytes that are damaged it gives
 * a wrong value or a fault; it never throws.
 */
export function decodeOwn(bytes: Uint8Array, caps: Pick<ScanCaps, 'itemsMax'>): Decoded {
  try {
    // A Buffer's views are Buffers, which are slow to make.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const value = decode(plain, {
      maxArrayLength: caps.itemsMax,
      maxMapLength: Math.min(caps.itemsMax, MAP_KEYS_MAX),
      maxStrLength: Math.max(bytes.length, MAP_KEY_BYTES_MAX),
      maxBinLength: bytes.length,
      maxExtLength: 0,
    });
    return { ok: true, value: withOwnBinaries(value) };
  } catch {
    return { ok: false, reason: 'undecodable' };
  }
}

/** The library hands out views of its input, which a socket reuses. Containers are its own, so they're mended in place. */
function withOwnBinaries(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) value[i] = withOwnBinaries(value[i]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      if (typeof field === 'object') Reflect.set(value, key, withOwnBinaries(field));
    }
  }
  return value;
}

/** Of a decoded value: an integer from 0 that JavaScript counts exactly. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Of a decoded value: binary of exactly this length. */
export function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}
