import { type Fingerprint, fingerprintBytes, idBytes, type UserId } from '../ids.ts';
import { listContext, rawContext } from './context.ts';
import type { MessageEpoch, MessageHeader } from './message-header.ts';

/** HKDF-SHA256 makes this much of a content key: AES-256 key, GCM nonce, commitment key, in this order. */
export const AES_KEY_BYTES = 32;
export const GCM_NONCE_BYTES = 12;
export const COMMITMENT_KEY_BYTES = 32;
export const CONTENT_KEYS_BYTES: number = AES_KEY_BYTES + GCM_NONCE_BYTES + COMMITMENT_KEY_BYTES;
export const CONTENT_KEY_BYTES = 32;

/** A member by id and the keys it is addressed with. */
export interface Recipient {
  readonly user: UserId;
  readonly fingerprint: Fingerprint;
}

/**
 * SHA-256 of this is the header's `recipients`: context `recipients`, `[[user id, fingerprint], …]` in ascending order of
 * user id, whatever order they are given in.
 */
export function recipientsInput(recipients: readonly Recipient[]): Uint8Array<ArrayBuffer> {
  const ascending = [...recipients].sort((a, b) => (a.user < b.user ? -1 : a.user > b.user ? 1 : 0));
  return listContext(
    'recipients',
    ascending.map(({ user, fingerprint }) => [idBytes(user), fingerprintBytes(fingerprint)]),
  );
}

/** HKDF's `info`; its input key is the content key, its salt the room secret (32 bytes) or empty. */
export function contentInfo(): Uint8Array<ArrayBuffer> {
  return rawContext('content');
}

/** What keys of suite 2 are bound to, besides their epoch. */
export type MessagePlace = Pick<MessageHeader, 'room' | 'sender' | 'chain' | 'number' | 'messageId'>;

/**
 * Suite 2's HKDF `info`; its input key is the epoch's key, its salt the header's salt ‖ the room secret (32 bytes) or nothing.
 * Context `content2`, `[room id, epoch, H(record), sender id, chain id, number, message id]`.
 */
export function epochContentInfo(place: MessagePlace, epoch: MessageEpoch): Uint8Array<ArrayBuffer> {
  return listContext('content2', [
    idBytes(place.room),
    epoch.number,
    epoch.recordHash,
    idBytes(place.sender),
    idBytes(place.chain),
    place.number,
    idBytes(place.messageId),
  ]);
}

/** HMAC-SHA256 of this under the commitment key is the header's commitment: one ciphertext has one content key. */
export function commitInput(): Uint8Array<ArrayBuffer> {
  return rawContext('commit');
}

/** What the sender's Ed25519 key signs: context `message`, `[H(header), H(content)]`. */
export function messageSignatureInput(
  headerHash: Uint8Array,
  contentHash: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return listContext('message', [headerHash, contentHash]);
}

/** The RSA-OAEP label of a member's copy of the content key: context `wrap`, H(header). */
export function wrapLabel(headerHash: Uint8Array): Uint8Array<ArrayBuffer> {
  return rawContext('wrap', headerHash);
}
