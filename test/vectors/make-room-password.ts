import { deriveRoomPassword } from '../../client/crypto/room-password.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { roomPasswordBytes, roomProofInput } from '../../src/protocol/layouts/room-password.ts';
import { present } from './vector-keys.ts';

/** Passwords as typed, among them two spellings of one. */
export async function roomPasswordVectors(): Promise<unknown> {
  const salt = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
  const passwords = ['correct horse', 'Ångström', 'A\u030angstro\u0308m', 'ﬁve-ⅷ '];
  return {
    passwords: await Promise.all(
      passwords.map(async (password) => {
        const derived = await deriveRoomPassword(password, salt);
        if (!derived.ok) throw new TypeError(derived.reason);
        const { proof, secret } = derived.keys;
        const input = roomProofInput(proof);
        return {
          password,
          normalised: toHex(present(roomPasswordBytes(password))),
          salt: toHex(salt),
          proof: toHex(proof),
          secret: toHex(secret),
          stored_input: toHex(input),
          stored: toHex(await sha256(input)),
        };
      }),
    ),
    refused: ['', '12345', 'x'.repeat(61), 'e\u0301'.repeat(5)],
  };
}
