import { constants, createPublicKey, type KeyObject, publicEncrypt, verify } from 'node:crypto';
import { concatBytes, fromHex } from '../protocol/bytes.ts';
import type { SignaturePair } from '../protocol/layouts/identity-signatures.ts';

const PSS_SALT_BYTES = 32;
/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410) up to the 32 bytes of the key. */
const ED25519_SPKI_HEX = '302a300506032b6570032100';

/** False for a signature, or a key, that is nothing of the kind: never throws. */
export function verifyEd25519(key: Uint8Array, input: Uint8Array, signature: Uint8Array): boolean {
  const header = fromHex(ED25519_SPKI_HEX) ?? new Uint8Array(0);
  const publicKey = keyOf(concatBytes(header, key));
  if (publicKey === undefined) return false;
  try {
    return verify(null, input, publicKey, signature);
  } catch {
    return false;
  }
}

/** RSASSA-PSS with SHA-256 and a salt of 32 bytes. Never throws. */
function verifyPss(spki: Uint8Array, input: Uint8Array, signature: Uint8Array): boolean {
  const key = keyOf(spki);
  if (key === undefined) return false;
  try {
    const scheme = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: PSS_SALT_BYTES };
    return verify('sha256', input, scheme, signature);
  } catch {
    return false;
  }
}

/** Both signatures of a pair hold. */
export function verifyPair(
  keys: { readonly rsaKey: Uint8Array; readonly signingKey: Uint8Array },
  input: Uint8Array,
  pair: SignaturePair,
): boolean {
  return verifyPss(keys.rsaKey, input, pair.rsa) && verifyEd25519(keys.signingKey, input, pair.ed25519);
}

/** RSA-OAEP-SHA256 under a label; undefined when the key is none. */
export function encryptOaep(spki: Uint8Array, secret: Uint8Array, label: Uint8Array): Uint8Array | undefined {
  const key = keyOf(spki);
  if (key === undefined) return undefined;
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return new Uint8Array(publicEncrypt({ key, padding, oaepHash: 'sha256', oaepLabel: label }, secret));
}

function keyOf(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
