import { timingSafeEqual } from 'node:crypto';
import type { RoomRecord } from '../domain/roster.ts';
import { ROOM_PROOF_BYTES, roomProofInput } from '../protocol/layouts/room-password.ts';
import { sha256 } from './server-hash.ts';

/** What the record keeps of the half of the derived secret that proves a room's password. */
export function roomProofHash(proof: Uint8Array): Uint8Array {
  return sha256(roomProofInput(proof));
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
