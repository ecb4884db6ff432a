import { concatBytes, fromHex } from '../../src/protocol/bytes.ts';
import { loadIdentityKeys } from './identity-keys.ts';

export type PemKey =
  | { readonly ok: true /** PKCS#8 DER. */; readonly rsa: Uint8Array }
  | { readonly ok: false; readonly reason: 'not_pem' | 'encrypted' | 'invalid_key' | 'not_rsa_2048' };

const block = /-----BEGIN ((?:RSA |ENCRYPTED )?PRIVATE KEY)-----([\s\S]*?)-----END \1-----/;

/** RFC 5208: version 0 and rsaEncryption without parameters, which stand before the key itself. */
const pkcs8Before = fromHex('020100300d06092a864886f70d0101010500') ?? new Uint8Array(0);
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
  const der = fromBase64(body);
  if (der === undefined) return { ok: false, reason: 'not_pem' };
  const rsa = label === 'RSA PRIVATE KEY' ? pkcs8OfPkcs1(der) : der;
  const loaded = await loadIdentityKeys({ rsa, ed25519: new Uint8Array(32) });
  return loaded.ok ? { ok: true, rsa } : loaded;
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
