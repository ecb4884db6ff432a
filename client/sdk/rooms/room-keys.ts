import { deriveRoomPassword, type RoomPasswordKeys } from '../../crypto/room-password.ts';
import { ConclaveError } from '../errors.ts';

/** What a room password is made into. Rejects with `usage` when it is none. */
export async function roomKeysOf(password: string, salt: Uint8Array): Promise<RoomPasswordKeys> {
  const derived = await deriveRoomPassword(password, salt);
  if (!derived.ok) throw new ConclaveError('usage', 'a room password has 6 to 60 characters');
  return derived.keys;
}
