import {
  ROOM_PASSWORD_SCRYPT,
  ROOM_PROOF_BYTES,
  roomPasswordBytes,
} from '../../src/protocol/layouts/room-password.ts';
import { SALT_BYTES } from '../../src/protocol/limits.ts';
import { randomBytes } from './web-crypto.ts';

/** The longest that the derivation keeps an event loop from its other work, in milliseconds. */
const TICK_MS = 20;

export interface RoomPasswordKeys {
  /** 32 bytes, shown to the server; it stores only their hash. */
  readonly proof: Uint8Array;
  /** 32 bytes, mixed into every content key under this password setting. Never leaves the client. */
  readonly secret: Uint8Array;
}

export type DerivedRoomPassword =
  | { readonly ok: true; readonly keys: RoomPasswordKeys }
  /** Not 6 to 60 code points after NFKC. */
  | { readonly ok: false; readonly reason: 'bad_password' };

/** For a new password setting: 32 random bytes. */
export function newRoomSalt(): Uint8Array<ArrayBuffer> {
  return randomBytes(SALT_BYTES);
}

/** Takes about 0.1 to 0.3 s and 32 MiB. `salt` is that of the setting, 32 bytes. */
export async function deriveRoomPassword(password: string, salt: Uint8Array): Promise<DerivedRoomPassword> {
  const bytes = roomPasswordBytes(password);
  if (bytes === undefined) return { ok: false, reason: 'bad_password' };
  const { N, r, p, bytes: dkLen } = ROOM_PASSWORD_SCRYPT;
  // Few commands need it, and none should start later for it.
  const { scryptAsync } = await import('@noble/hashes/scrypt.js');
  const derived = await scryptAsync(bytes, salt, { N, r, p, dkLen, asyncTick: TICK_MS });
  return {
    ok: true,
    keys: { proof: derived.slice(0, ROOM_PROOF_BYTES), secret: derived.slice(ROOM_PROOF_BYTES) },
  };
}
