import { concatBytes, fromHex, sameBytes } from '../../src/protocol/bytes.ts';
import { loadIdentityKeys } from './identity-keys.ts';

export type PemKey =
  | { readonly ok: true /** PKCS#8 DER. */; readonly rsa: Uint8Array }
  | { readonly ok: false; readonly reason: PemFault };

/**
 * `openssh`: in a format of OpenSSH's own. `not_rsa`: a key for another algorithm, RSA-PSS among them. `not_rsa_2048`: also of more
 * than two primes.
 */
export type PemFault = 'not_pem' | 'openssh' | 'encrypted' | 'invalid_key' | 'not_rsa' | 'not_rsa_2048';

const block = /-----BEGIN ((?:RSA |ENCRYPTED |OPENSSH |EC |DSA )?PRIVATE KEY)-----([\s\S]*?)-----END \1-----/;

/** RFC 5208: version 0 and rsaEncryption without parameters, which stand before the key itself. */
const pkcs8Before = fromHex('020100300d06092a864886f70d0101010500') ?? new Uint8Array(0);
/** RFC 8017: version 0 is a key of two primes, version 1 one of more. */
const twoPrimes = fromHex('020100') ?? new Uint8Array(0);
const DER_SEQUENCE = 0x30;
const DER_OCTET_STRING = 0x04;

/**
 * Takes the first private key of a PEM text (RFC 7468), as PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), without a
 * passphrase. It must be RSA-2048 with exponent 65537 and whole.
 */
export async function rsaPrivateKeyFromPem(pem: string): Promise<PemKey> {
  const found = block.exec(pem);
  const [, label, body] = found ?? [];
  if (label === undefined || body === undefined) return { ok: false, reason: 'not_pem' };
  if (label === 'ENCRYPTED PRIVATE KEY' || body.includes('ENCRYPTED'))
    return { ok: false, reason: 'encrypted' };
  if (label === 'OPENSSH PRIVATE KEY') return { ok: false, reason: 'openssh' };
  const der = fromBase64(body);
  if (der === undefined) return { ok: false, reason: 'not_pem' };
  const fault =
    label === 'RSA PRIVATE KEY' ? pkcs1Fault(der) : label === 'PRIVATE KEY' ? pkcs8Fault(der) : 'not_rsa';
  if (fault !== undefined) return { ok: false, reason: fault };
  const rsa = label === 'RSA PRIVATE KEY' ? pkcs8OfPkcs1(der) : der;
  const loaded = await loadIdentityKeys({ rsa, ed25519: new Uint8Array(32) });
  return loaded.ok ? { ok: true, rsa } : loaded;
}

/** What readers of DER let pass: bytes after the end, and keys whose other primes they would not use. */
function pkcs8Fault(der: Uint8Array): PemFault | undefined {
  const content = wholeContent(der, DER_SEQUENCE);
  if (content === undefined) return 'invalid_key';
  if (!sameBytes(content.subarray(0, pkcs8Before.length), pkcs8Before)) return 'not_rsa';
  const key = contentOf(content.subarray(pkcs8Before.length), DER_OCTET_STRING);
  return key === undefined ? 'invalid_key' : pkcs1Fault(key.content);
}

function pkcs1Fault(der: Uint8Array): PemFault | undefined {
  const content = wholeContent(der, DER_SEQUENCE);
  if (content === undefined) return 'invalid_key';
  return sameBytes(content.subarray(0, twoPrimes.length), twoPrimes) ? undefined : 'not_rsa_2048';
}

/** The content of an element with nothing behind it. */
function wholeContent(der: Uint8Array, tag: number): Uint8Array | undefined {
  const found = contentOf(der, tag);
  return found?.rest === 0 ? found.content : undefined;
}

function contentOf(
  der: Uint8Array,
  tag: number,
): { readonly content: Uint8Array; readonly rest: number } | undefined {
  const [found, first = 0] = der;
  if (found !== tag) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 3) return undefined;
  const start = 2 + lengthBytes;
  const length =
    lengthBytes === 0 ? first : der.subarray(2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  if (start + length > der.length) return undefined;
  return { content: der.subarray(start, start + length), rest: der.length - start - length };
}

function pkcs8OfPkcs1(pkcs1: Uint8Array): Uint8Array {
  return derOf(DER_SEQUENCE, concatBytes(pkcs8Before, derOf(DER_OCTET_STRING, pkcs1)));
}

function derOf(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  // A key of 2048 bits is always longer than 255 bytes; anything else is refused when it's loaded.
  return concatBytes(Uint8Array.of(tag, 0x82, (length >> 8) & 0xff, length & 0xff), content);
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replace(/\s+/g, '')), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
