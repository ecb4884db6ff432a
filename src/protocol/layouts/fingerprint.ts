import { fromHex, toHex } from '../bytes.ts';
import { HASH_BYTES } from '../limits.ts';
import { listContext } from './context.ts';

declare const brand: unique symbol;

/** H of a user's two public keys: 32 bytes in layouts, 64 lower-case hexadecimal digits in memory and on screen. */
export type Fingerprint = string & { readonly [brand]: 'Fingerprint' };

/** SHA-256 of this is the fingerprint: context `fingerprint`, `[RSA key as SPKI, Ed25519 key]`. */
export function fingerprintInput(rsaKey: Uint8Array, signingKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return listContext('fingerprint', [rsaKey, signingKey]);
}

/** Takes 32 bytes or 64 lower-case hexadecimal digits; anything else gives undefined. */
export function parseFingerprint(value: unknown): Fingerprint | undefined {
  if (value instanceof Uint8Array)
    return value.length === HASH_BYTES ? (toHex(value) as Fingerprint) : undefined;
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? (value as Fingerprint) : undefined;
}

export function fingerprintBytes(fingerprint: Fingerprint): Uint8Array<ArrayBuffer> {
  const bytes = fromHex(fingerprint);
  if (bytes === undefined || bytes.length !== HASH_BYTES)
    throw new TypeError('a fingerprint is 64 hexadecimal digits');
  return bytes;
}
