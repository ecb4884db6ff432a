import { ID_BYTES } from '../../src/protocol/ids.ts';
import {
  type LinkTranscript,
  linkChannelInput,
  linkCommitInput,
  linkDigits,
  linkDigitsInfo,
  linkKeyInfo,
  linkShare,
  linkTranscriptInput,
  parseLinkShare,
} from '../../src/protocol/layouts/link-inputs.ts';
import { NONCE_BYTES, X25519_KEY_BYTES } from '../../src/protocol/limits.ts';
import {
  hkdfSha256,
  importX25519Private,
  randomBytes,
  sha256,
  type X25519Keys,
  x25519,
} from './web-crypto.ts';

const DIGITS_BYTES = 8;
const KEY_BYTES = 32;
const NO_SALT = new Uint8Array(0);

/** What one device shows the other, and keeps of it. */
export interface OwnShare {
  readonly keys: X25519Keys;
  /** 64 bytes: see linkShare(). */
  readonly share: Uint8Array;
}

/** What both devices derive from a transcript, when nobody stands between them. */
export interface LinkSecrets {
  /** For people to compare. */
  readonly digits: string;
  readonly key: Uint8Array;
  /** H(transcript). */
  readonly transcriptHash: Uint8Array;
}

/** Drawn for one link. The bytes are for vectors only. */
export async function newLinkShare(
  scalar: Uint8Array = randomBytes(X25519_KEY_BYTES),
  nonce: Uint8Array = randomBytes(NONCE_BYTES),
): Promise<OwnShare> {
  const keys = await importX25519Private(scalar);
  return { keys, share: linkShare(keys.publicKey, nonce) };
}

export async function linkChannel(code: string): Promise<Uint8Array> {
  return (await sha256(linkChannelInput(code))).slice(0, ID_BYTES);
}

export const linkCommit = (share: Uint8Array): Promise<Uint8Array> => sha256(linkCommitInput(share));

/** Undefined when the other share is none, or leads to no secret. */
export async function linkSecrets(
  own: OwnShare,
  otherShare: Uint8Array,
  transcript: LinkTranscript,
): Promise<LinkSecrets | undefined> {
  const other = parseLinkShare(otherShare);
  const secret = other === undefined ? undefined : await x25519(own.keys, other.publicKey);
  if (secret === undefined) return undefined;
  const transcriptHash = await sha256(linkTranscriptInput(transcript));
  const digits = await hkdfSha256(secret, NO_SALT, linkDigitsInfo(transcriptHash), DIGITS_BYTES);
  const key = await hkdfSha256(secret, NO_SALT, linkKeyInfo(transcriptHash), KEY_BYTES);
  return { digits: linkDigits(digits), key, transcriptHash };
}
