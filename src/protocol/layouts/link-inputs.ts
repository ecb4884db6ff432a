import { concatBytes, utf8 } from '../bytes.ts';
import type { Origin } from '../origin.ts';
import { listContext, rawContext } from './context.ts';

/** What both devices have seen of a link, in its order. All of it goes into the digits and into the key. */
export interface LinkTranscript {
  /** The address that this device dialled. */
  readonly origin: Origin;
  /** 16 bytes. */
  readonly channel: Uint8Array;
  /** Of the new device: H(linkCommitInput), 32 bytes. */
  readonly commit: Uint8Array;
  /** X25519 key and nonce, 32 bytes each. */
  readonly old: Uint8Array;
  readonly fresh: Uint8Array;
}

/** X25519 key, 32 bytes, then nonce, 32 bytes. */
export const LINK_SHARE_BYTES = 64;
/** Digits that a person types: one guess in a million. */
export const LINK_DIGITS = 6;
/** Letters of the code that finds the channel. It keeps nothing secret. */
export const LINK_CODE_LETTERS = 8;

/** The channel is the first 16 bytes of its hash. */
export const linkChannelInput = (code: string): Uint8Array<ArrayBuffer> =>
  rawContext('link-channel', utf8(code));
export const linkCommitInput = (share: Uint8Array): Uint8Array<ArrayBuffer> =>
  rawContext('link-commit', share);

export function linkTranscriptInput({
  origin,
  channel,
  commit,
  old,
  fresh,
}: LinkTranscript): Uint8Array<ArrayBuffer> {
  return listContext('link', [origin, channel, commit, old, fresh]);
}

/** `transcriptHash`: H(linkTranscriptInput), 32 bytes; the same for the two below. */
export const linkDigitsInfo = (transcriptHash: Uint8Array): Uint8Array<ArrayBuffer> =>
  rawContext('link-digits', transcriptHash);
export const linkKeyInfo = (transcriptHash: Uint8Array): Uint8Array<ArrayBuffer> =>
  rawContext('link-key', transcriptHash);
/** Associated data of the account that is handed over. */
export const linkAccountContext = (transcriptHash: Uint8Array): Uint8Array<ArrayBuffer> =>
  rawContext('link-account', transcriptHash);

/** `derived`: 8 bytes, big-endian, modulo 10^6. */
export function linkDigits(derived: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = derived;
  const number = new DataView(buffer, byteOffset, byteLength).getBigUint64(0);
  return String(number % 10n ** BigInt(LINK_DIGITS)).padStart(LINK_DIGITS, '0');
}

/** Cuts a share; undefined when it has another length. */
export function parseLinkShare(
  share: Uint8Array,
): { readonly publicKey: Uint8Array; readonly nonce: Uint8Array } | undefined {
  if (share.length !== LINK_SHARE_BYTES) return undefined;
  return { publicKey: share.slice(0, 32), nonce: share.slice(32) };
}

export const linkShare = (publicKey: Uint8Array, nonce: Uint8Array): Uint8Array<ArrayBuffer> =>
  concatBytes(publicKey, nonce);
