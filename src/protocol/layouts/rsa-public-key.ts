import { concatBytes, fromHex, sameBytes } from '../bytes.ts';
import { RSA_SPKI_BYTES } from '../limits.ts';

const MODULUS_BYTES = 256;

const bytesOf = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0);

/** SubjectPublicKeyInfo (RFC 5280, 4.1) of rsaEncryption with a modulus of 2048 bits (RFC 8017, A.1.1), up to its first byte. */
const before: Uint8Array = bytesOf('30820122300d06092a864886f70d01010105000382010f003082010a0282010100');
/** The exponent 65537, which closes the structure. */
const after: Uint8Array = bytesOf('0203010001');

/** True for the one DER form of an RSA key with a modulus of exactly 2048 bits, odd, and the exponent 65537. */
export function isRsa2048Spki(bytes: Uint8Array): boolean {
  const end = before.length + MODULUS_BYTES;
  return (
    bytes.length === RSA_SPKI_BYTES &&
    sameBytes(bytes.subarray(0, before.length), before) &&
    sameBytes(bytes.subarray(end), after) &&
    ((bytes[before.length] ?? 0) & 0x80) !== 0 &&
    ((bytes[end - 1] ?? 0) & 1) === 1
  );
}

/** The SPKI DER (294 bytes) of a modulus of 256 big-endian bytes; undefined when it isn't exactly 2048 bits and odd. */
export function rsa2048Spki(modulus: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const spki = concatBytes(before, modulus, after);
  return isRsa2048Spki(spki) ? spki : undefined;
}

/** The modulus of an SPKI, 256 big-endian bytes; undefined when isRsa2048Spki says no. */
export function rsa2048Modulus(spki: Uint8Array): Uint8Array | undefined {
  return isRsa2048Spki(spki) ? spki.subarray(before.length, before.length + MODULUS_BYTES) : undefined;
}
