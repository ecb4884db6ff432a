import { utf8 } from '../bytes.ts';
import { ROOM_PASSWORD_CHARS_MAX, ROOM_PASSWORD_CHARS_MIN } from '../limits.ts';
import { rawContext } from './context.ts';

/** scrypt (RFC 7914) over the NFKC form in UTF-8, with the setting's salt of 32 bytes; makes proof and room secret. */
export const ROOM_PASSWORD_SCRYPT = { N: 2 ** 15, r: 8, p: 1, bytes: 64 } as const;
export const ROOM_PROOF_BYTES = 32;
export const ROOM_SECRET_BYTES = 32;

/** What scrypt is fed: NFKC, UTF-8. Undefined when the password hasn't 6 to 60 code points then, or isn't well-formed. */
export function roomPasswordBytes(password: string): Uint8Array<ArrayBuffer> | undefined {
  const normalised = password.normalize('NFKC');
  const points = [...normalised];
  if (points.length < ROOM_PASSWORD_CHARS_MIN || points.length > ROOM_PASSWORD_CHARS_MAX) return undefined;
  const loneSurrogate = points.some((point) => point.length === 1 && point >= '\ud800' && point <= '\udfff');
  return loneSurrogate ? undefined : utf8(normalised);
}

/** The server stores SHA-256 of this and never the proof itself: context `room-proof`, the 32 bytes of the proof. */
export function roomProofInput(proof: Uint8Array): Uint8Array<ArrayBuffer> {
  return rawContext('room-proof', proof);
}
