import { concatBytes } from '../bytes.ts';
import { EPOCH_KEY_BYTES, ML_KEM_768_CIPHERTEXT_BYTES, WRAP_BYTES, X25519_KEY_BYTES } from '../limits.ts';
import type { Keying } from './epoch-record.ts';

export const X_WING_CIPHERTEXT_BYTES: number = ML_KEM_768_CIPHERTEXT_BYTES + X25519_KEY_BYTES;
const GCM_TAG_BYTES = 16;
const SEALED_KEY_BYTES = EPOCH_KEY_BYTES + GCM_TAG_BYTES;
/** Big-endian, before a wrap of keying 2. */
const WEEK_BYTES = 4;
const WEEK_MAX = 2 ** 32 - 1;

/** Of a member without a prekey: the week 0, and what keying 1 has. */
const PLAIN_WRAP_BYTES = WEEK_BYTES + WRAP_BYTES;
const HYBRID_WRAP_BYTES = PLAIN_WRAP_BYTES + X_WING_CIPHERTEXT_BYTES + SEALED_KEY_BYTES;

/** A member's copy of an epoch's key. */
export type EpochWrap =
  | { readonly keying: 1 /** RSA-OAEP of the key, 256 bytes. */; readonly rsa: Uint8Array }
  | {
      readonly keying: 2;
      /** Of the prekey, from 1. */
      readonly week: number;
      /** RSA-OAEP of 32 bytes that are one half of the secret, 256 bytes. */
      readonly rsa: Uint8Array;
      /** The other half: 1,120 bytes. */
      readonly xWing: Uint8Array;
      /** The key under AES-256-GCM with a nonce of zeros, and the tag: 48 bytes. */
      readonly sealed: Uint8Array;
    };

/**
 * In an epoch of keying 1 the 256 bytes of RSA. In one of keying 2 week (4 bytes, big-endian) ‖ rsa ‖ xWing ‖ sealed, or for a
 * member without a prekey four zeros ‖ the wrap of keying 1.
 */
export function encodeEpochWrap(keying: Keying, wrap: EpochWrap): Uint8Array<ArrayBuffer> {
  if (keying === 1 && wrap.keying === 1) return Uint8Array.from(wrap.rsa);
  const week = new Uint8Array(WEEK_BYTES);
  if (wrap.keying === 1) return concatBytes(week, wrap.rsa);
  new DataView(week.buffer).setUint32(0, wrap.week);
  return concatBytes(week, wrap.rsa, wrap.xWing, wrap.sealed);
}

/** The wrap that these bytes are. Undefined: they are none. */
export function parseEpochWrap(keying: Keying, bytes: Uint8Array): EpochWrap | undefined {
  if (wrapLength(keying, bytes) !== bytes.length) return undefined;
  if (keying === 1) return { keying: 1, rsa: bytes.slice() };
  const week = weekOf(bytes);
  const rsa = bytes.slice(WEEK_BYTES, PLAIN_WRAP_BYTES);
  if (week === 0) return { keying: 1, rsa };
  const sealedAt = PLAIN_WRAP_BYTES + X_WING_CIPHERTEXT_BYTES;
  const xWing = bytes.slice(PLAIN_WRAP_BYTES, sealedAt);
  return { keying: 2, week, rsa, xWing, sealed: bytes.slice(sealedAt) };
}

/** The wraps of an epoch that were put one behind the other. Undefined: these are not `count` wraps of this keying. */
export function splitEpochWraps(
  keying: Keying,
  bytes: Uint8Array,
  count: number,
): readonly Uint8Array[] | undefined {
  const wraps: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && wraps.length < count) {
    const length = wrapLength(keying, bytes.subarray(at));
    if (length === undefined || at + length > bytes.length) return undefined;
    wraps.push(bytes.slice(at, at + length));
    at += length;
  }
  return at === bytes.length && wraps.length === count ? wraps : undefined;
}

export function isPrekeyWeek(week: unknown): week is number {
  return typeof week === 'number' && Number.isSafeInteger(week) && week >= 1 && week <= WEEK_MAX;
}

/** Of the wrap with which these bytes begin; undefined when they are too few to say. */
function wrapLength(keying: Keying, bytes: Uint8Array): number | undefined {
  if (keying === 1) return WRAP_BYTES;
  if (bytes.length < WEEK_BYTES) return undefined;
  return weekOf(bytes) === 0 ? PLAIN_WRAP_BYTES : HYBRID_WRAP_BYTES;
}

function weekOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
}
