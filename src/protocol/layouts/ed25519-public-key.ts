import { fromHex, sameBytes } from '../bytes.ts';
import { ED25519_KEY_BYTES } from '../limits.ts';

const bytesOf = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0);

/** The field prime p = 2^255 − 19, little-endian. */
const prime: Uint8Array = bytesOf(`ed${'ff'.repeat(30)}7f`);

/**
 * The y coordinates of all points whose order divides 8, little-endian. A signature that everybody can make verifies under
 * such a key, and libraries differ in whether they take one.
 */
const smallOrder: readonly Uint8Array[] = [
  /** Order 4. */
  `00${'00'.repeat(31)}`,
  /** Order 1. */
  `01${'00'.repeat(31)}`,
  /** Order 8, twice. */
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  /** Order 2: p − 1. */
  `ec${'ff'.repeat(30)}7f`,
].map(bytesOf);

/**
 * True for 32 bytes that every implementation of Ed25519 reads as the same point: y is below p (RFC 8032, 5.1.3), and the
 * point is not of small order. Whether y is on the curve at all is left to the signature that comes with the key.
 */
export function isEd25519PublicKey(bytes: Uint8Array): boolean {
  if (bytes.length !== ED25519_KEY_BYTES) return false;
  const y = Uint8Array.from(bytes);
  // The highest bit is the sign of x.
  y[31] = (y[31] ?? 0) & 0x7f;
  return isBelowPrime(y) && !smallOrder.some((point) => sameBytes(point, y));
}

/** Of 32 bytes in little-endian: below 2^255 − 19, so that they are the one way to write their number. */
export function isBelowPrime(y: Uint8Array): boolean {
  for (let index = ED25519_KEY_BYTES - 1; index >= 0; index -= 1) {
    const difference = (y[index] ?? 0) - (prime[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
