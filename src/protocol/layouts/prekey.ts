import { concatBytes, sameBytes } from '../bytes.ts';
import {
  type Fingerprint,
  fingerprintBytes,
  idBytes,
  parseFingerprint,
  parseUserId,
  type UserId,
} from '../ids.ts';
import { ED25519_SIGNATURE_BYTES, PREKEY_BYTES_MAX, PREKEY_WEEK_MS } from '../limits.ts';
import { decodeStrict, encode, isCount } from '../message-pack.ts';
import { isPrekeyWeek } from './epoch-wraps.ts';
import { isXWingPublicKey } from './x-wing-public-key.ts';

const PREKEY_LAYOUT = 1;

/** A key to which others encapsulate for one week. MessagePack array, in this order after the layout. */
export interface Prekey {
  readonly user: UserId;
  /** Of the identity that signs it. */
  readonly fingerprint: Fingerprint;
  /** Weeks since that identity was created; the first is 1. */
  readonly week: number;
  /** X-Wing, 1,216 bytes. */
  readonly publicKey: Uint8Array;
  /** Milliseconds since 1970 UTC: from when and until when, exclusively, it is for use. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** When the prekey of a week is for use: the weeks of an identity follow each other from when it was created. */
export function prekeyLife(createdAt: number, week: number): Pick<Prekey, 'notBefore' | 'notAfter'> {
  const notBefore = createdAt + (week - 1) * PREKEY_WEEK_MS;
  return { notBefore, notAfter: notBefore + PREKEY_WEEK_MS };
}

/** As transmitted: `document` ‖ `signature`. */
export interface SignedPrekey {
  readonly prekey: Prekey;
  readonly document: Uint8Array;
  /** The account's, Ed25519, over prekeySignatureInput: 64 bytes. */
  readonly signature: Uint8Array;
}

export function encodePrekey(prekey: Prekey): Uint8Array<ArrayBuffer> {
  const { user, fingerprint, week, publicKey, notBefore, notAfter } = prekey;
  return encode([
    PREKEY_LAYOUT,
    idBytes(user),
    fingerprintBytes(fingerprint),
    week,
    publicKey,
    notBefore,
    notAfter,
  ]);
}

export function joinPrekey({ document, signature }: Omit<SignedPrekey, 'prekey'>): Uint8Array<ArrayBuffer> {
  return concatBytes(document, signature);
}

/**
 * Strict: the document must be exactly what encodePrekey makes of its fields, with a public key that everybody takes. Undefined
 * for everything else. Never throws, and checks no signature.
 */
export function parsePrekey(bytes: Uint8Array): SignedPrekey | undefined {
  const length = bytes.length - ED25519_SIGNATURE_BYTES;
  if (bytes.length > PREKEY_BYTES_MAX || length < 1) return undefined;
  const document = bytes.slice(0, length);
  const decoded = decodeStrict(document, { depthMax: 1, itemsMax: 16 });
  if (!decoded.ok || !Array.isArray(decoded.value)) return undefined;
  const prekey = fromFields(decoded.value);
  if (prekey === undefined || !sameBytes(encodePrekey(prekey), document)) return undefined;
  return { prekey, document, signature: bytes.slice(length) };
}

function fromFields(fields: readonly unknown[]): Prekey | undefined {
  const [layout, userField, fingerprintField, week, publicKey, notBefore, notAfter] = fields;
  const [user, fingerprint] = [parseUserId(userField), parseFingerprint(fingerprintField)];
  if (layout !== PREKEY_LAYOUT || fields.length !== 7) return undefined;
  if (user === undefined || fingerprint === undefined || !isPrekeyWeek(week)) return undefined;
  if (!(publicKey instanceof Uint8Array) || !isXWingPublicKey(publicKey)) return undefined;
  if (!isCount(notBefore) || !isCount(notAfter) || notAfter <= notBefore) return undefined;
  return { user, fingerprint, week, publicKey, notBefore, notAfter };
}
