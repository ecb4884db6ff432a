import { hash, timingSafeEqual } from 'node:crypto';
import type { PasswordSetting, RoomRecord } from '../domain/roster.ts';
import { sameBytes } from '../protocol/bytes.ts';
import { ROOM_PROOF_BYTES, roomProofInput } from '../protocol/layouts/room-password.ts';
import type { RequestBody } from '../protocol/requests.ts';

/** What the record keeps of the half of the derived secret that proves a room's password. */
export function roomProofHash(proof: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', roomProofInput(proof), 'buffer'));
}

/**
 * Whether the proof opens the room. Does the same work for rooms that are open, locked, or not there at all; those
 * are compared with `decoyHash`, and nothing opens them.
 */
export function opensRoom(
  record: RoomRecord | undefined,
  proof: Uint8Array | undefined,
  decoyHash: Uint8Array,
): boolean {
  const given = roomProofHash(proof ?? new Uint8Array(ROOM_PROOF_BYTES));
  const isRight = timingSafeEqual(given, record?.password.proofHash ?? decoyHash);
  if (record === undefined) return false;
  return record.password.number === 0 || (proof !== undefined && isRight);
}

/** What an `update` wants of the password: another one, or none. */
export type PasswordRequest = { readonly salt: Uint8Array; readonly proof: Uint8Array } | 'none';

export function passwordRequest(
  password: RequestBody<'update'>['password'],
): PasswordRequest | undefined | 'bad_request' {
  if (password === undefined) return undefined;
  const { salt, proof } = password;
  if (salt === undefined && proof === undefined) return 'none';
  return salt === undefined || proof === undefined ? 'bad_request' : { salt, proof };
}

/** The setting after this one; this one itself when it is what is wanted, as when a request is repeated. */
export function nextPassword(now: PasswordSetting, wanted: PasswordRequest): PasswordSetting {
  const next = (now.last ?? now.number) + 1;
  if (wanted === 'none') return now.number === 0 ? now : { number: 0, last: next };
  const proofHash = roomProofHash(wanted.proof);
  const isThis =
    now.salt !== undefined &&
    now.proofHash !== undefined &&
    sameBytes(now.salt, wanted.salt) &&
    timingSafeEqual(now.proofHash, proofHash);
  return isThis ? now : { number: next, salt: wanted.salt, proofHash };
}
