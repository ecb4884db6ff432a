import { fromHex, sameBytes } from '../bytes.ts';
import { ML_KEM_768_KEY_BYTES, X25519_KEY_BYTES } from '../limits.ts';
import { isBelowPrime } from './ed25519-public-key.ts';

/** An ML-KEM-768 encapsulation key, then an X25519 public key: draft-connolly-cfrg-xwing-kem-10, 5.2. */
export const X_WING_PUBLIC_KEY_BYTES: number = ML_KEM_768_KEY_BYTES + X25519_KEY_BYTES;

const bytesOf = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0);

/** The u coordinates of all points of Curve25519 and its twist whose order divides 8, little-endian. */
const smallOrder: readonly Uint8Array[] = [
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  /** p − 1. */
  `ec${'ff'.repeat(30)}7f`,
].map(bytesOf);

const ML_KEM_MODULUS = 3329;
/** Behind the coefficients, of 12 bits each, there are 32 bytes of seed. */
const ML_KEM_COEFFICIENTS_BYTES: number = ML_KEM_768_KEY_BYTES - 32;

/** True for a key that everybody encapsulates to alike: both halves are canonical, and the X25519 half is not of small order. */
export function isXWingPublicKey(bytes: Uint8Array): boolean {
  return (
    bytes.length === X_WING_PUBLIC_KEY_BYTES &&
    hasReducedCoefficients(bytes.subarray(0, ML_KEM_COEFFICIENTS_BYTES)) &&
    isX25519PublicKey(bytes.subarray(ML_KEM_768_KEY_BYTES))
  );
}

/** The modulus check of FIPS 203, 7.2. */
function hasReducedCoefficients(coefficients: Uint8Array): boolean {
  for (let at = 0; at < coefficients.length; at += 3) {
    const [low = 0, middle = 0, high = 0] = coefficients.subarray(at, at + 3);
    if ((low | ((middle & 0x0f) << 8)) >= ML_KEM_MODULUS) return false;
    if (((middle >> 4) | (high << 4)) >= ML_KEM_MODULUS) return false;
  }
  return true;
}

function isX25519PublicKey(u: Uint8Array): boolean {
  return isBelowPrime(u) && !smallOrder.some((point) => sameBytes(point, u));
}
