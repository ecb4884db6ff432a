import { concatBytes, utf8 } from '../bytes.ts';
import { idBytes, type UserId } from '../ids.ts';
import { SEALED_PART_BYTES_MAX, SEALED_PARTS_MAX } from '../limits.ts';
import type { FoldedName } from '../names.ts';
import type { Origin } from '../origin.ts';
import type { RecoveryCode } from '../recovery-code.ts';
import { listContext, rawContext } from './context.ts';
import { padTo, unpad } from './padding.ts';

/*
 * An account as it leaves its device: MessagePack, padded, AES-256-GCM, cut into parts.
 *
 *     plaintext = content ‖ 0x80 ‖ zeros, up to the next multiple of 16 KiB
 *     sealed    = nonce 12 ‖ AES-256-GCM(key, nonce, associated data, plaintext) ‖ tag 16
 */

/** scrypt (RFC 7914) over the code's letters; makes the secret that the two keys are derived from. */
export const RECOVERY_SCRYPT = { N: 2 ** 15, r: 8, p: 1, bytes: 32 } as const;
export const SEALED_NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PADDED_STEP_BYTES = 16 * 1024;
const PLAINTEXT_BYTES_MAX =
  Math.floor(
    (SEALED_PART_BYTES_MAX * SEALED_PARTS_MAX - SEALED_NONCE_BYTES - TAG_BYTES) / PADDED_STEP_BYTES,
  ) * PADDED_STEP_BYTES;
/** What one account may take. */
export const SEALED_CONTENT_BYTES_MAX: number = PLAINTEXT_BYTES_MAX - 1;

/** What scrypt is fed; the salt binds the code to one account of one server. */
export const recoveryCodeBytes = (code: RecoveryCode): Uint8Array<ArrayBuffer> => utf8(code);
export const recoverySalt = (origin: Origin, name: FoldedName): Uint8Array<ArrayBuffer> =>
  listContext('recovery', [origin, name]);
export const backupKeyInfo = (): Uint8Array<ArrayBuffer> => rawContext('backup-key');
export const backupTokenInfo = (): Uint8Array<ArrayBuffer> => rawContext('backup-token');

/** What a backup is bound to. */
export interface BackupPlace {
  /** The address that the client dialled when it made the code. */
  readonly origin: Origin;
  readonly user: UserId;
  readonly version: number;
  /** Of the identity in force. */
  readonly sequence: number;
}

/** Associated data of a backup. */
export function backupContext({ origin, user, version, sequence }: BackupPlace): Uint8Array<ArrayBuffer> {
  return listContext('backup', [origin, idBytes(user), version, sequence]);
}

/** Throws RangeError for more than SEALED_CONTENT_BYTES_MAX. */
export function padAccount(content: Uint8Array): Uint8Array<ArrayBuffer> {
  if (content.length > SEALED_CONTENT_BYTES_MAX)
    throw new RangeError(`a sealed account has at most ${SEALED_CONTENT_BYTES_MAX} bytes`);
  return padTo(paddedBytes(content.length), content);
}

/** Undefined when it is not what padAccount() makes. */
export function unpadAccount(padded: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  return unpad(padded, paddedBytes);
}

function paddedBytes(contentBytes: number): number {
  return Math.ceil((contentBytes + 1) / PADDED_STEP_BYTES) * PADDED_STEP_BYTES;
}

export function sealedParts(sealed: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < sealed.length; at += SEALED_PART_BYTES_MAX)
    parts.push(sealed.slice(at, at + SEALED_PART_BYTES_MAX));
  return parts;
}

export const joinedParts = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => concatBytes(...parts);
