import { sameBytes } from '../bytes.ts';
import { HASH_BYTES, IDENTITY_BYTES_MAX } from '../limits.ts';
import { decodeStrict, encode, isCount } from '../message-pack.ts';
import { parseUserName, type UserName } from '../names.ts';
import { listContext } from './context.ts';
import { isEd25519PublicKey } from './ed25519-public-key.ts';
import { isRsa2048Spki } from './rsa-public-key.ts';

export const IDENTITY_DOCUMENT_VERSION = 1;

/**
 * Who a user is: MessagePack array `[version, username, RSA key, Ed25519 key, sequence, previous hash, created at]`.
 * The first document of an account has sequence 0 and an empty previous hash; each further one counts up and names
 * H of the transmitted bytes of the one before.
 */
export interface IdentityDocument {
  readonly username: UserName;
  /** SPKI DER, 294 bytes. */
  readonly rsaKey: Uint8Array;
  /** 32 bytes as in RFC 8032: canonical, and not of small order. */
  readonly signingKey: Uint8Array;
  readonly sequence: number;
  /** 32 bytes; empty for sequence 0. */
  readonly previousHash: Uint8Array;
  /** Milliseconds since 1970 UTC, by the owner's clock. */
  readonly createdAt: number;
}

export type ParsedIdentityDocument =
  | { readonly ok: true; readonly document: IdentityDocument }
  | { readonly ok: false; readonly reason: 'malformed' | 'unsupported_version' };

export function encodeIdentityDocument(document: IdentityDocument): Uint8Array<ArrayBuffer> {
  const { username, rsaKey, signingKey, sequence, previousHash, createdAt } = document;
  return encode([IDENTITY_DOCUMENT_VERSION, username, rsaKey, signingKey, sequence, previousHash, createdAt]);
}

/**
 * Strict: the bytes must be exactly what encodeIdentityDocument makes of their fields. Never throws. A whole array that
 * starts with another version is `unsupported_version`, everything else that doesn't fit is `malformed`.
 */
export function parseIdentityDocument(bytes: Uint8Array): ParsedIdentityDocument {
  if (bytes.length > IDENTITY_BYTES_MAX) return { ok: false, reason: 'malformed' };
  const decoded = decodeStrict(bytes, { depthMax: 1, itemsMax: 32 });
  if (!decoded.ok || !Array.isArray(decoded.value)) return { ok: false, reason: 'malformed' };
  const fields: readonly unknown[] = decoded.value;
  const version = fields[0];
  if (Number.isSafeInteger(version) && version !== IDENTITY_DOCUMENT_VERSION) {
    return { ok: false, reason: 'unsupported_version' };
  }
  const document = fromFields(fields);
  if (document === undefined || !sameBytes(encodeIdentityDocument(document), bytes)) {
    return { ok: false, reason: 'malformed' };
  }
  return { ok: true, document };
}

function fromFields(fields: readonly unknown[]): IdentityDocument | undefined {
  const [version, name, rsaKey, signingKey, sequence, previousHash, createdAt] = fields;
  const username = parseUserName(name);
  if (version !== IDENTITY_DOCUMENT_VERSION || fields.length !== 7 || username === undefined)
    return undefined;
  if (!(rsaKey instanceof Uint8Array) || !isRsa2048Spki(rsaKey)) return undefined;
  if (!(signingKey instanceof Uint8Array) || !isEd25519PublicKey(signingKey)) return undefined;
  if (!isCount(sequence) || !isCount(createdAt) || !(previousHash instanceof Uint8Array)) return undefined;
  if (previousHash.length !== (sequence === 0 ? 0 : HASH_BYTES)) return undefined;
  return { username, rsaKey, signingKey, sequence, previousHash, createdAt };
}

/** SHA-256 of this is the fingerprint: context `fingerprint`, `[RSA key as SPKI, Ed25519 key]`. */
export function fingerprintInput(rsaKey: Uint8Array, signingKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return listContext('fingerprint', [rsaKey, signingKey]);
}
