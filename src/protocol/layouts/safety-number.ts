import { type Fingerprint, fingerprintBytes } from '../ids.ts';
import { listContext } from './context.ts';

const GROUPS = 12;
const BYTES_PER_GROUP = 5;
const DIGITS_PER_GROUP = 5;

/** SHA-512 of this (64 bytes) becomes the safety number: context `safety-number`, `[lower fingerprint, higher one]`. */
export function safetyNumberInput(one: Fingerprint, other: Fingerprint): Uint8Array<ArrayBuffer> {
  const [lower, higher] = one <= other ? [one, other] : [other, one];
  return listContext('safety-number', [fingerprintBytes(lower), fingerprintBytes(higher)]);
}

/**
 * Twelve groups of five digits, spaces between. Each group is the next 5 bytes of the SHA-512 digest, big-endian, modulo
 * 100000; the last 4 bytes are unused. 199 bits are far out of reach of a search, so the hash isn't iterated.
 */
export function safetyNumberText(digest: Uint8Array): string {
  if (digest.length !== 64) throw new TypeError('a safety number is made of 64 bytes of SHA-512');
  const groups = Array.from({ length: GROUPS }, (_, group) => {
    let value = 0;
    for (let i = 0; i < BYTES_PER_GROUP; i += 1)
      value = value * 256 + (digest[group * BYTES_PER_GROUP + i] ?? 0);
    return String(value % 10 ** DIGITS_PER_GROUP).padStart(DIGITS_PER_GROUP, '0');
  });
  return groups.join(' ');
}
