import { sameBytes } from '../../src/protocol/bytes.ts';
import { type Fingerprint, parseFingerprint } from '../../src/protocol/ids.ts';
import { fingerprintInput } from '../../src/protocol/layouts/identity-document.ts';
import type { SignaturePair } from '../../src/protocol/layouts/identity-signatures.ts';
import { rsa2048Spki } from '../../src/protocol/layouts/rsa-public-key.ts';
import {
  ed25519Sign,
  generateRsaPkcs8,
  importEd25519Private,
  importRsaPrivate,
  importRsaPublic,
  pssSign,
  pssVerify,
  randomBytes,
  rsaPrivateNumbers,
  sha256,
  type WebKey,
} from './web-crypto.ts';

/** A user's two private keys as a profile keeps them. Secret: encrypt before storing. */
export interface PrivateKeyBytes {
  /** RSA-2048, PKCS#8 DER. */
  readonly rsa: Uint8Array;
  /** Ed25519, the 32 bytes of RFC 8032. */
  readonly ed25519: Uint8Array;
}

/** A user's keys ready for use. The private ones cannot be taken out again. */
export interface IdentityKeys {
  /** SPKI DER, 294 bytes. */
  readonly rsaKey: Uint8Array;
  /** Ed25519, 32 bytes. */
  readonly signingKey: Uint8Array;
  readonly fingerprint: Fingerprint;
  /** RSA-OAEP and RSA-PSS: one key for two uses. */
  readonly rsaDecrypt: WebKey;
  readonly rsaSign: WebKey;
  readonly ed25519Sign: WebKey;
}

export type LoadedKeys =
  | { readonly ok: true; readonly keys: IdentityKeys }
  | { readonly ok: false; readonly reason: 'invalid_key' | 'not_rsa_2048' };

/** A new Ed25519 key, and a new RSA-2048 key unless one is given (from rsaPrivateKeyFromPem). */
export async function generatePrivateKeys(rsa?: Uint8Array): Promise<PrivateKeyBytes> {
  return { rsa: rsa ?? (await generateRsaPkcs8()), ed25519: randomBytes(32) };
}

/**
 * `not_rsa_2048`: the modulus isn't exactly 2048 bits or the exponent isn't 65537. `invalid_key`: anything else, also a
 * damaged key whose private part doesn't belong to its public part.
 */
export async function loadIdentityKeys(bytes: PrivateKeyBytes): Promise<LoadedKeys> {
  try {
    const numbers = await rsaPrivateNumbers(bytes.rsa);
    const rsaKey = rsa2048Spki(numbers.modulus);
    if (rsaKey === undefined || !sameBytes(numbers.exponent, Uint8Array.of(1, 0, 1)))
      return { ok: false, reason: 'not_rsa_2048' };
    const { decrypt, sign } = await importRsaPrivate(numbers);
    if (!(await belongTogether(sign, rsaKey))) return { ok: false, reason: 'invalid_key' };
    const ed25519 = await importEd25519Private(bytes.ed25519);
    const fingerprint = await fingerprintOf(rsaKey, ed25519.publicKey);
    return {
      ok: true,
      keys: {
        rsaKey,
        signingKey: ed25519.publicKey,
        fingerprint,
        rsaDecrypt: decrypt,
        rsaSign: sign,
        ed25519Sign: ed25519.sign,
      },
    };
  } catch {
    // The cause is left out on purpose: a message of the platform may quote key material.
    return { ok: false, reason: 'invalid_key' };
  }
}

async function belongTogether(rsaSign: WebKey, rsaKey: Uint8Array): Promise<boolean> {
  const { verify } = await importRsaPublic(rsaKey);
  const probe = randomBytes(32);
  return pssVerify(verify, await pssSign(rsaSign, probe), probe);
}

/** SHA-256 over both public keys; see fingerprintInput. */
export async function fingerprintOf(rsaKey: Uint8Array, signingKey: Uint8Array): Promise<Fingerprint> {
  const fingerprint = parseFingerprint(await sha256(fingerprintInput(rsaKey, signingKey)));
  if (fingerprint === undefined) throw new TypeError('SHA-256 gave something else than 32 bytes');
  return fingerprint;
}

/** Signs the same bytes with both keys. */
export async function signWithBoth(keys: IdentityKeys, input: Uint8Array): Promise<SignaturePair> {
  const [rsa, ed25519] = await Promise.all([
    pssSign(keys.rsaSign, input),
    ed25519Sign(keys.ed25519Sign, input),
  ]);
  return { rsa, ed25519 };
}
