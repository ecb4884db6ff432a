import { concatBytes } from '../bytes.ts';
import { fingerprintBytes, idBytes, type RoomId, type UserId } from '../ids.ts';
import { listContext, rawContext } from './context.ts';
import type { Keying } from './epoch-record.ts';
import type { Recipient } from './message-inputs.ts';

/** What the committer's Ed25519 key signs: context `epoch`, `[H(body), root]`. */
export function epochSignatureInput(bodyHash: Uint8Array, root: Uint8Array): Uint8Array<ArrayBuffer> {
  return listContext('epoch', [bodyHash, root]);
}

/** HKDF's `info` for the commitment key, 32 bytes; its input key is the epoch's key, its salt is empty. */
export function epochCommitKeyInfo(): Uint8Array<ArrayBuffer> {
  return rawContext('epoch-commit-key');
}

/**
 * HMAC-SHA256 of this under the commitment key is the body's commitment. It names the room and no number, so a key that is used
 * again in its room shows.
 */
export function epochCommitInput(room: RoomId): Uint8Array<ArrayBuffer> {
  return rawContext('epoch-commit', idBytes(room));
}

/** A label of RSA-OAEP: context `epoch-rsa`, `[H(body), user id, keying]`, with the keying of this wrap, not of its epoch. */
export function epochRsaLabel(bodyHash: Uint8Array, user: UserId, keying: Keying): Uint8Array<ArrayBuffer> {
  return listContext('epoch-rsa', [bodyHash, idBytes(user), keying]);
}

export interface WrapBinding extends Recipient {
  /** H(body) of the epoch, 32 bytes. */
  readonly bodyHash: Uint8Array;
  /** Of the prekey. */
  readonly week: number;
  /** H(RSA ciphertext ‖ X-Wing ciphertext), 32 bytes. */
  readonly ciphertextsHash: Uint8Array;
}

/**
 * HKDF's `info` for the key under which a wrap of keying 2 encrypts the epoch's key; its input key is the secret under RSA ‖ the
 * secret of X-Wing, its salt is empty. Context `epoch-wrap`, `[H(body), user id, fingerprint, week, H(ciphertexts)]`.
 */
export function epochWrapInfo(binding: WrapBinding): Uint8Array<ArrayBuffer> {
  const { bodyHash, user, fingerprint, week, ciphertextsHash } = binding;
  return listContext('epoch-wrap', [
    bodyHash,
    idBytes(user),
    fingerprintBytes(fingerprint),
    week,
    ciphertextsHash,
  ]);
}

/** SHA-256 of this is a leaf of the tree: context `epoch-leaf`, `[user id, wrap]`. */
export function epochLeafInput(user: UserId, wrap: Uint8Array): Uint8Array<ArrayBuffer> {
  return listContext('epoch-leaf', [idBytes(user), wrap]);
}

/** SHA-256 of this is the node above two others: context `epoch-node`, left ‖ right, 32 bytes each. */
export function epochNodeInput(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  return rawContext('epoch-node', concatBytes(left, right));
}

/** What an account's Ed25519 key signs of a prekey: context `prekey`, H(document). */
export function prekeySignatureInput(documentHash: Uint8Array): Uint8Array<ArrayBuffer> {
  return rawContext('prekey', documentHash);
}

/** HKDF's `info` for the chain key of the week after; its input key is that of the week, its salt is empty. 32 bytes. */
export function prekeyChainInfo(): Uint8Array<ArrayBuffer> {
  return rawContext('prekey-chain');
}

/** HKDF's `info` for the X-Wing seed of a week; its input key is the chain key of that week, its salt is empty. 32 bytes. */
export function prekeySeedInfo(): Uint8Array<ArrayBuffer> {
  return rawContext('prekey-seed');
}
