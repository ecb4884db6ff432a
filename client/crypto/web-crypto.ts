/**
 * The primitives of the suites, on Web Crypto: one line of policy each, so that no caller repeats an algorithm's name or
 * parameter. What depends on received bytes gives false or undefined instead of throwing.
 */

import { concatBytes } from '../../src/protocol/bytes.ts';
import { rsa2048Modulus } from '../../src/protocol/layouts/rsa-public-key.ts';

const { subtle } = globalThis.crypto;

export type WebKey = Awaited<ReturnType<typeof subtle.importKey>>;

const OAEP = { name: 'RSA-OAEP', hash: 'SHA-256' } as const;
const PSS = { name: 'RSA-PSS', hash: 'SHA-256' } as const;
/** 65537, in base64url. */
const RSA_EXPONENT = 'AQAB';
const PSS_SALT_BYTES = 32;
const AES_GCM_TAG_BITS = 128;
/** A random secret begins with more zeros than this once in 2^64 times. */
const STRIPPED_ZEROS_MAX = 8;

/** RFC 8410: everything of a private key in PKCS#8 but its 32 bytes. */
const ED25519_PKCS8_BEFORE = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);
const X25519_PKCS8_BEFORE = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 110, 4, 34, 4, 32);

export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle.digest('SHA-256', bytes));
}

export async function sha512(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle.digest('SHA-512', bytes));
}

export async function hmacSha256(secret: Uint8Array, input: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const key = await subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', key, input));
}

export async function hkdfSha256(
  secret: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  return new Uint8Array(
    await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, length * 8),
  );
}

export async function aesGcmEncrypt(
  secret: Uint8Array,
  iv: Uint8Array,
  additionalData: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt']);
  const parameters = { name: 'AES-GCM', iv, additionalData, tagLength: AES_GCM_TAG_BITS };
  return new Uint8Array(await subtle.encrypt(parameters, key, plaintext));
}

/** Undefined when the tag doesn't hold. */
export async function aesGcmDecrypt(
  secret: Uint8Array,
  iv: Uint8Array,
  additionalData: Uint8Array,
  ciphertext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const key = await subtle.importKey('raw', secret, 'AES-GCM', false, ['decrypt']);
  const parameters = { name: 'AES-GCM', iv, additionalData, tagLength: AES_GCM_TAG_BITS };
  return attempt(() => subtle.decrypt(parameters, key, ciphertext));
}

export async function oaepEncrypt(
  key: WebKey,
  label: Uint8Array,
  secret: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle.encrypt({ name: 'RSA-OAEP', label }, key, secret));
}

/**
 * Undefined when key, label or bytes don't belong together, or when something else than `secretBytes` bytes come out. WebKit
 * strips zeros from the front of what it decrypts, so a result that lacks at most STRIPPED_ZEROS_MAX bytes gets them back.
 */
export async function oaepDecrypt(
  key: WebKey,
  label: Uint8Array,
  encrypted: Uint8Array,
  secretBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const decrypted = await attempt(() => subtle.decrypt({ name: 'RSA-OAEP', label }, key, encrypted));
  const stripped = secretBytes - (decrypted?.length ?? 0);
  if (decrypted === undefined || stripped < 0 || stripped > STRIPPED_ZEROS_MAX) return undefined;
  const secret = new Uint8Array(secretBytes);
  secret.set(decrypted, stripped);
  return secret;
}

async function attempt(run: () => Promise<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await run());
  } catch {
    return undefined;
  }
}

export async function pssSign(key: WebKey, input: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle.sign({ name: 'RSA-PSS', saltLength: PSS_SALT_BYTES }, key, input));
}

export async function pssVerify(key: WebKey, signature: Uint8Array, input: Uint8Array): Promise<boolean> {
  try {
    return await subtle.verify({ name: 'RSA-PSS', saltLength: PSS_SALT_BYTES }, key, signature, input);
  } catch {
    return false;
  }
}

export async function ed25519Sign(key: WebKey, input: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle.sign('Ed25519', key, input));
}

export async function ed25519Verify(key: WebKey, signature: Uint8Array, input: Uint8Array): Promise<boolean> {
  try {
    return await subtle.verify('Ed25519', key, signature, input);
  } catch {
    return false;
  }
}

/** The same SPKI key for both of its uses. Throws on bytes that rsa2048Modulus refuses: parse the document first. */
export async function importRsaPublic(spki: Uint8Array): Promise<{ encrypt: WebKey; verify: WebKey }> {
  const modulus = rsa2048Modulus(spki);
  if (modulus === undefined) throw new TypeError('no RSA key of 2048 bits');
  // Node takes three times as long to read SPKI.
  const jwk = { kty: 'RSA', n: toBase64Url(modulus), e: RSA_EXPONENT };
  const [encrypt, verify] = await Promise.all([
    subtle.importKey('jwk', jwk, OAEP, false, ['encrypt']),
    subtle.importKey('jwk', jwk, PSS, false, ['verify']),
  ]);
  return { encrypt, verify };
}

/** For opening only. Throws on bytes that are no RSA key. */
export function importRsaDecrypt(pkcs8: Uint8Array): Promise<WebKey> {
  return subtle.importKey('pkcs8', pkcs8, OAEP, false, ['decrypt']);
}

export interface RsaPrivateNumbers {
  /** Big-endian, as the next. */
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  /** All of them. Secret. */
  readonly jwk: Readonly<Record<string, string>>;
}

/** Of a PKCS#8 RSA key. Throws on bytes that are none. */
export async function rsaPrivateNumbers(pkcs8: Uint8Array): Promise<RsaPrivateNumbers> {
  const key = await subtle.importKey('pkcs8', pkcs8, PSS, true, ['sign']);
  const {
    n = '',
    e = '',
    d = '',
    p = '',
    q = '',
    dp = '',
    dq = '',
    qi = '',
  } = await subtle.exportKey('jwk', key);
  const jwk = { kty: 'RSA', n, e, d, p, q, dp, dq, qi };
  return { modulus: fromBase64Url(n), exponent: fromBase64Url(e), jwk };
}

/** One key for both of its uses. From its numbers, since Node takes five times as long to read PKCS#8. */
export async function importRsaPrivate({
  jwk,
}: RsaPrivateNumbers): Promise<{ decrypt: WebKey; sign: WebKey }> {
  const [decrypt, sign] = await Promise.all([
    subtle.importKey('jwk', jwk, OAEP, false, ['decrypt']),
    subtle.importKey('jwk', jwk, PSS, false, ['sign']),
  ]);
  return { decrypt, sign };
}

/** A new RSA-2048 key with exponent 65537, as PKCS#8 DER. */
export async function generateRsaPkcs8(): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = { ...PSS, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
  const { privateKey } = await subtle.generateKey(parameters, true, ['sign', 'verify']);
  return new Uint8Array(await subtle.exportKey('pkcs8', privateKey));
}

export function importEd25519Public(key: Uint8Array): Promise<WebKey> {
  return subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
}

/** From the 32 bytes of RFC 8032; with the public key that belongs to them. */
export async function importEd25519Private(
  seed: Uint8Array,
): Promise<{ sign: WebKey; publicKey: Uint8Array<ArrayBuffer> }> {
  const { key, publicKey } = await importCurveKey('Ed25519', concatBytes(ED25519_PKCS8_BEFORE, seed), 'sign');
  return { sign: key, publicKey };
}

export interface X25519Keys {
  readonly derive: WebKey;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/** From the 32 bytes of RFC 7748; with the public key that belongs to them. */
export async function importX25519Private(scalar: Uint8Array): Promise<X25519Keys> {
  const pkcs8 = concatBytes(X25519_PKCS8_BEFORE, scalar);
  const { key, publicKey } = await importCurveKey('X25519', pkcs8, 'deriveBits');
  return { derive: key, publicKey };
}

/** The public key that belongs to the 32 bytes of RFC 7748, in half the time of an import. */
export async function x25519PublicKey(scalar: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return publicKeyIn(await curveJwk('X25519', concatBytes(X25519_PKCS8_BEFORE, scalar), 'deriveBits'));
}

/** A new one. Takes Node a fifth of the time that an import takes. */
export async function generateX25519(): Promise<X25519Keys> {
  const pair = await subtle.generateKey('X25519', false, ['deriveBits']);
  if (!('privateKey' in pair)) throw new TypeError('X25519 has pairs of keys');
  return {
    derive: pair.privateKey,
    publicKey: new Uint8Array(await subtle.exportKey('raw', pair.publicKey)),
  };
}

/** The key, which cannot be taken out again, and the public one that belongs to it. Read from PKCS#8 once: see importRsaPrivate. */
async function importCurveKey(
  algorithm: 'Ed25519' | 'X25519',
  pkcs8: Uint8Array,
  usage: 'sign' | 'deriveBits',
): Promise<{ key: WebKey; publicKey: Uint8Array<ArrayBuffer> }> {
  const jwk = await curveJwk(algorithm, pkcs8, usage);
  return { key: await subtle.importKey('jwk', jwk, algorithm, false, [usage]), publicKey: publicKeyIn(jwk) };
}

async function curveJwk(algorithm: 'Ed25519' | 'X25519', pkcs8: Uint8Array, usage: 'sign' | 'deriveBits') {
  return subtle.exportKey('jwk', await subtle.importKey('pkcs8', pkcs8, algorithm, true, [usage]));
}

const publicKeyIn = ({ x = '' }: { readonly x?: string }): Uint8Array<ArrayBuffer> => fromBase64Url(x);

/** The shared secret, 32 bytes. Undefined when it would be zeros, or the other key is none. */
export function x25519(
  { derive }: Pick<X25519Keys, 'derive'>,
  otherPublic: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return attempt(async () => {
    const other = await subtle.importKey('raw', otherPublic, 'X25519', false, []);
    return subtle.deriveBits({ name: 'X25519', public: other }, derive, 256);
  });
}

function toBase64Url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
