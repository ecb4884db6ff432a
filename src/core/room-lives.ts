import { hash } from 'node:crypto';
import type { RoomRecord } from '../domain/roster.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
import { sameBytes } from '../protocol/bytes.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { parseRoomLife, type RoomLife, roomLifeSignatureInput } from '../protocol/layouts/room-life.ts';
import { ROOM_LIFE_STEP_MAX } from '../protocol/limits.ts';
import { fingerprintOf, openAccountOf, verifyEd25519 } from './account-proofs.ts';
import type { Caller } from './caller.ts';

/**
 * Why a room does not take this life, which its owner has to have signed with the keys in force; undefined: it does, or there is none.
 * Clients check it again: what is refused here is only what no client would take. Throws Unavailable.
 */
export async function unfitLife(
  { stores }: { readonly stores: { readonly identities: IdentityStore } },
  caller: Caller,
  record: Pick<RoomRecord, 'room' | 'life'>,
  bytes: Uint8Array | undefined,
): Promise<Refusal | undefined> {
  if (bytes === undefined) return undefined;
  const signed = parseRoomLife(bytes);
  if (signed === undefined) return refuse('bad_request', { message: 'update: the life is malformed' });
  const found = await openAccountOf(stores.identities, caller);
  if (isRefusal(found)) return found;
  const { document } = found;
  const { life, signature } = signed;
  if (life.room !== record.room || life.user !== caller.user || life.fingerprint !== fingerprintOf(document))
    return refuse('invalid_identity', { message: 'update: the life is of another room, user or key' });
  const input = roomLifeSignatureInput(hash('sha256', signed.document, 'buffer'));
  if (!verifyEd25519(document.signingKey, input, signature))
    return refuse('invalid_identity', { message: 'update: the signature of the life does not hold' });
  if (mayFollow(record, bytes, life)) return undefined;
  return refuse('conflict', { message: 'update: the number of the life does not follow that of the room' });
}

/** The room's life after a request; the very same bytes when the request changes nothing. */
export function lifeAfter(
  { life }: Pick<RoomRecord, 'life'>,
  bytes: Uint8Array | undefined,
): Pick<RoomRecord, 'life'> {
  const next = bytes === undefined || (life !== undefined && sameBytes(life, bytes)) ? life : bytes;
  return next === undefined ? {} : { life: next };
}

function mayFollow(record: Pick<RoomRecord, 'life'>, bytes: Uint8Array, { number }: RoomLife): boolean {
  if (record.life !== undefined && sameBytes(record.life, bytes)) return true;
  const before = record.life === undefined ? 0 : (parseRoomLife(record.life)?.life.number ?? 0);
  return number > before && number <= before + ROOM_LIFE_STEP_MAX;
}
