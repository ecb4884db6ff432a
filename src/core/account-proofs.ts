import { constants, createPublicKey, hash, type KeyObject, publicEncrypt, verify } from 'node:crypto';
import type { Account, IdentityStore } from '../ports/identity-store.ts';
import type { SignedIdentity } from '../protocol/entities.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { type Fingerprint, parseFingerprint } from '../protocol/ids.ts';
import {
  fingerprintInput,
  type IdentityDocument,
  parseIdentityDocument,
} from '../protocol/layouts/identity-document.ts';
import type { SignaturePair } from '../protocol/layouts/identity-signatures.ts';
import { type SignedAct, signedActInput } from '../protocol/layouts/session-proofs.ts';
import type { Caller, Greeting } from './caller.ts';

const PSS_SALT_BYTES = 32;
/** What SubjectPublicKeyInfo of rsaEncryption puts before the key itself (RFC 8017, A.1.1). */
const RSA_SPKI_HEADER_BYTES = 24;

/** An account, with its document in force. */
export interface KnownAccount {
  readonly account: Account;
  readonly document: IdentityDocument;
}

const isClosed = (): Refusal => refuse('unauthenticated', { message: 'the account is closed' });

/** The caller's account as the store has it now, also a closed one. Throws Unavailable. */
export async function accountOf(identities: IdentityStore, caller: Caller): Promise<KnownAccount | Refusal> {
  const [account] = await identities.byIds([caller.user]);
  if (account === undefined) return isClosed();
  const document = documentOf(account.identity);
  return document === undefined ? refuse('invalid_identity') : { account, document };
}

/** As accountOf, but a closed one is refused. */
export async function openAccountOf(
  identities: IdentityStore,
  caller: Caller,
): Promise<KnownAccount | Refusal> {
  const found = await accountOf(identities, caller);
  return isRefusal(found) || !found.account.closed ? found : isClosed();
}

/** Nobody logs in to a closed account, or to one that an operator disabled. */
export function mayLogIn({ closed, disabled }: Account): boolean {
  return !closed && !disabled;
}

/** A token alone is not enough for some acts: the signing key in force signs them, for this connection. */
export function isSignedAct(
  { signingKey }: IdentityDocument,
  act: SignedAct,
  greeting: Greeting,
  signature: Uint8Array,
): boolean {
  return verifyEd25519(signingKey, signedActInput(act, greeting), signature);
}

/** Undefined for a document that an earlier version took and this one refuses. */
export function documentOf({ document }: Pick<SignedIdentity, 'document'>): IdentityDocument | undefined {
  const parsed = parseIdentityDocument(document);
  return parsed.ok ? parsed.document : undefined;
}

/** Of the keys of a document, as identities are told apart by it. */
export function fingerprintOf({ rsaKey, signingKey }: IdentityDocument): Fingerprint {
  const fingerprint = parseFingerprint(
    new Uint8Array(hash('sha256', fingerprintInput(rsaKey, signingKey), 'buffer')),
  );
  if (fingerprint === undefined) throw new TypeError('SHA-256 gave something else than 32 bytes');
  return fingerprint;
}

/** False for a signature, or a key, that is nothing of the kind: never throws. */
export function verifyEd25519(key: Uint8Array, input: Uint8Array, signature: Uint8Array): boolean {
  const publicKey = ed25519KeyOf(key);
  if (publicKey === undefined) return false;
  try {
    return verify(null, input, publicKey, signature);
  } catch {
    return false;
  }
}

/** RSASSA-PSS with SHA-256 and a salt of 32 bytes. Never throws. */
function verifyPss(spki: Uint8Array, input: Uint8Array, signature: Uint8Array): boolean {
  const key = rsaKeyOf(spki);
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
  const key = rsaKeyOf(spki);
  if (key === undefined) return undefined;
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return new Uint8Array(publicEncrypt({ key, padding, oaepHash: 'sha256', oaepLabel: label }, secret));
}

/*
 * Both read a key past OpenSSL's decoder of SubjectPublicKeyInfo, which takes ≈ 100 µs, as long as a signature is
 * verified: a login or a resume would cost twice as much.
 */

function ed25519KeyOf(key: Uint8Array): KeyObject | undefined {
  const x = Buffer.from(key).toString('base64url');
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function rsaKeyOf(spki: Uint8Array): KeyObject | undefined {
  try {
    const key = Buffer.from(spki.subarray(RSA_SPKI_HEADER_BYTES));
    return createPublicKey({ key, format: 'der', type: 'pkcs1' });
  } catch {
    return undefined;
  }
}
