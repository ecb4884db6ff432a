/**
 * A linear look at MessagePack bytes before anything is decoded. A decoder allocates what a header merely claims; this
 * scan refuses such bytes first, so that what reaches the decoder costs memory in proportion to its real length.
 *
 * Stricter than MessagePack itself (https://github.com/msgpack/msgpack/blob/master/spec.md): no extension types, no
 * floats, no integers beyond ±(2^53 − 1), map keys are short printable ASCII and occur once, texts are well-formed UTF-8.
 */

/** How much of MessagePack a value takes, whatever its bytes: what decoding it costs goes by this. */
export interface Extent {
  /** The value itself and all within it; keys of maps are no values. */
  readonly values: number;
  /** Arrays and maps. */
  readonly containers: number;
  /** Of the widest map. */
  readonly keys: number;
  /** UTF-8 of the longest text. */
  readonly textBytes: number;
}

export type ScanFault =
  | 'truncated'
  | 'trailing_bytes'
  | 'too_deep'
  | 'too_many_items'
  | 'extension'
  | 'float'
  | 'integer_too_large'
  | 'bad_key'
  | 'duplicate_key'
  | 'bad_text'
  | 'reserved_byte'
  /** More than `largest`: well-formed as far as it was looked at, which is no further. */
  | 'over_extent';

export interface ScanCaps {
  /** Containers inside each other; a bare scalar has depth 0, `[1]` depth 1. */
  readonly depthMax: number;
  /** Elements of one array, or keys of one map. A map is further held to MAP_KEYS_MAX. */
  readonly itemsMax: number;
  /** Values of all depths; VALUES_MAX without it. */
  readonly valuesMax?: number;
  /** What no acceptable value goes beyond. The scan of one that does ends there, so that refusing it costs no more than accepting one. */
  readonly largest?: Extent;
}

/** Keys are compared pairwise, so their number and length are kept small. */
export const MAP_KEYS_MAX = 32;
export const MAP_KEY_BYTES_MAX = 32;

/** Values of all depths in one frame: a decoded empty map takes fifty times its one byte. No page of any reply comes near. */
export const VALUES_MAX = 16_384;

const HIGH_WORD_BEYOND_SAFE = 0x200000;

const ANYTHING: Extent = {
  values: Number.POSITIVE_INFINITY,
  containers: Number.POSITIVE_INFINITY,
  keys: Number.POSITIVE_INFINITY,
  textBytes: Number.POSITIVE_INFINITY,
};

/** Names that would reach an object's prototype instead of a field of its own. */
const forbiddenKeys: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** Gives 'ok' when the bytes are exactly one acceptable value, else the first fault found. Never throws. */
export function scanFrame(bytes: Uint8Array, caps: ScanCaps): 'ok' | ScanFault {
  const end = scanValue(bytes, 0, caps);
  if (typeof end === 'string') return end;
  return end === bytes.length ? 'ok' : 'trailing_bytes';
}

/** Gives where the acceptable value that begins at `at` ends, else the first fault found in it. Never throws. */
export function scanValue(bytes: Uint8Array, at: number, caps: ScanCaps): number | ScanFault {
  const scanner = new Scanner(bytes, at, caps);
  return scanner.skipValue(0) ?? scanner.at;
}

class Scanner {
  readonly bytes: Uint8Array;
  readonly caps: ScanCaps;
  at: number;
  private readonly largest: Extent;
  private values = 0;
  private containers = 0;
  /** Where the text of each key of each open map starts; made only when a map with several keys appears. */
  private keyOffsets: Uint32Array | undefined;
  private keyLengths: Uint8Array | undefined;

  constructor(bytes: Uint8Array, at: number, caps: ScanCaps) {
    this.bytes = bytes;
    this.at = at;
    this.caps = caps;
    this.largest = caps.largest ?? ANYTHING;
  }

  /** Moves past one value whose enclosing containers number `depth`. The recursion is bounded by the depth cap. */
  skipValue(depth: number): ScanFault | undefined {
    const head = this.bytes[this.at];
    if (head === undefined) return 'truncated';
    this.at += 1;
    this.values += 1;
    if (this.values > (this.caps.valuesMax ?? VALUES_MAX)) return 'too_many_items';
    if (this.values > this.largest.values) return 'over_extent';
    if (head < 0x80 || head >= 0xe0) return undefined;
    if (head < 0x90) return this.skipMap(head & 0x0f, depth);
    if (head < 0xa0) return this.skipArray(head & 0x0f, depth);
    if (head < 0xc0) return this.skipText(head & 0x1f);
    return this.skipTagged(head, depth);
  }

  private skipTagged(head: number, depth: number): ScanFault | undefined {
    switch (head) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return undefined;
      case 0xc1:
        return 'reserved_byte';
      case 0xc4: // binary of 8, 16 and 32 bits of length
      case 0xc5:
      case 0xc6:
        return this.withLength(1 << (head - 0xc4), (length) => this.skipBytes(length));
      case 0xca:
      case 0xcb:
        return 'float';
      case 0xcc: // unsigned integers of 8, 16 and 32 bits
      case 0xcd:
      case 0xce:
        return this.skipBytes(1 << (head - 0xcc));
      case 0xcf:
        return this.skipInteger64(false);
      case 0xd0: // signed integers of 8, 16 and 32 bits
      case 0xd1:
      case 0xd2:
        return this.skipBytes(1 << (head - 0xd0));
      case 0xd3:
        return this.skipInteger64(true);
      case 0xd9: // text of 8, 16 and 32 bits of length
      case 0xda:
      case 0xdb:
        return this.withLength(1 << (head - 0xd9), (length) => this.skipText(length));
      case 0xdc:
      case 0xdd:
        return this.withLength(head === 0xdc ? 2 : 4, (count) => this.skipArray(count, depth));
      case 0xde:
      case 0xdf:
        return this.withLength(head === 0xde ? 2 : 4, (count) => this.skipMap(count, depth));
      default:
        return 'extension';
    }
  }

  private withLength(width: number, then: (length: number) => ScanFault | undefined): ScanFault | undefined {
    if (this.bytes.length - this.at < width) return 'truncated';
    return then(this.readUint(width));
  }

  /** Big-endian, at most 4 bytes; the caller has checked that they are there. */
  private readUint(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i += 1) value = value * 256 + (this.bytes[this.at + i] ?? 0);
    this.at += width;
    return value;
  }

  private skipBytes(length: number): ScanFault | undefined {
    if (this.bytes.length - this.at < length) return 'truncated';
    this.at += length;
    return undefined;
  }

  private skipInteger64(signed: boolean): ScanFault | undefined {
    if (this.bytes.length - this.at < 8) return 'truncated';
    const high = this.readUint(4);
    const low = this.readUint(4);
    if (!signed || high < 0x80000000) return high >= HIGH_WORD_BEYOND_SAFE ? 'integer_too_large' : undefined;
    const negativeHigh = high - 2 ** 32;
    const beyond =
      negativeHigh < -HIGH_WORD_BEYOND_SAFE || (negativeHigh === -HIGH_WORD_BEYOND_SAFE && low === 0);
    return beyond ? 'integer_too_large' : undefined;
  }

  private skipText(length: number): ScanFault | undefined {
    if (this.bytes.length - this.at < length) return 'truncated';
    const end = this.at + length;
    if (length > this.largest.textBytes) return 'over_extent';
    if (!isWellFormedUtf8(this.bytes, this.at, end)) return 'bad_text';
    this.at = end;
    return undefined;
  }

  private skipArray(count: number, depth: number): ScanFault | undefined {
    if (depth >= this.caps.depthMax) return 'too_deep';
    if (count > this.caps.itemsMax) return 'too_many_items';
    if (count > this.bytes.length - this.at) return 'truncated';
    if (this.isContainerOver()) return 'over_extent';
    for (let i = 0; i < count; i += 1) {
      const fault = this.skipValue(depth + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  private skipMap(count: number, depth: number): ScanFault | undefined {
    if (depth >= this.caps.depthMax) return 'too_deep';
    if (count > this.caps.itemsMax || count > MAP_KEYS_MAX) return 'too_many_items';
    if (count * 2 > this.bytes.length - this.at) return 'truncated';
    if (this.isContainerOver() || count > this.largest.keys) return 'over_extent';
    for (let i = 0; i < count; i += 1) {
      const fault = this.skipKey(i, count, depth) ?? this.skipValue(depth + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  private isContainerOver(): boolean {
    this.containers += 1;
    return this.containers > this.largest.containers;
  }

  private skipKey(index: number, count: number, depth: number): ScanFault | undefined {
    const head = this.bytes[this.at];
    if (head === undefined) return 'truncated';
    this.at += 1;
    let length = head & 0x1f;
    if (head === 0xd9) {
      if (this.at >= this.bytes.length) return 'truncated';
      length = this.readUint(1);
    } else if (head < 0xa0 || head >= 0xc0) {
      return 'bad_key';
    }
    if (length > MAP_KEY_BYTES_MAX) return 'bad_key';
    if (this.bytes.length - this.at < length) return 'truncated';
    const start = this.at;
    this.at += length;
    for (let i = start; i < this.at; i += 1) {
      const byte = this.bytes[i] ?? 0;
      if (byte < 0x20 || byte > 0x7e) return 'bad_key';
    }
    if (forbiddenKeys.some((name) => this.isText(start, length, name))) return 'bad_key';
    return count > 1 && this.isRepeated(index, depth, start, length) ? 'duplicate_key' : undefined;
  }

  private isText(start: number, length: number, text: string): boolean {
    if (length !== text.length) return false;
    for (let i = 0; i < length; i += 1) if (this.bytes[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Compares a key with the earlier ones of its map and remembers it. Only one map is open at each depth. */
  private isRepeated(index: number, depth: number, start: number, length: number): boolean {
    this.keyOffsets ??= new Uint32Array(this.caps.depthMax * MAP_KEYS_MAX);
    this.keyLengths ??= new Uint8Array(this.caps.depthMax * MAP_KEYS_MAX);
    const offsets = this.keyOffsets;
    const lengths = this.keyLengths;
    const base = depth * MAP_KEYS_MAX;
    for (let i = 0; i < index; i += 1) {
      if (lengths[base + i] === length && this.sameRange(offsets[base + i] ?? 0, start, length)) return true;
    }
    offsets[base + index] = start;
    lengths[base + index] = length;
    return false;
  }

  private sameRange(a: number, b: number, length: number): boolean {
    for (let i = 0; i < length; i += 1) if (this.bytes[a + i] !== this.bytes[b + i]) return false;
    return true;
  }
}

/** Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF. */
function isWellFormedUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const lead = bytes[at] ?? 0;
    at += 1;
    if (lead < 0x80) continue;
    const more =
      lead >= 0xc2 && lead <= 0xdf
        ? 1
        : lead >= 0xe0 && lead <= 0xef
          ? 2
          : lead >= 0xf0 && lead <= 0xf4
            ? 3
            : 0;
    if (more === 0 || end - at < more) return false;
    const second = bytes[at] ?? 0;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let i = 1; i < more; i += 1) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return false;
    at += more;
  }
  return true;
}
