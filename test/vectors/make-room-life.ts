import { signRoomLife } from '../../client/crypto/room-life.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { parseRoomLife, roomLifeSignatureInput } from '../../src/protocol/layouts/room-life.ts';
import { EXPIRES_MAX, EXPIRES_MIN } from '../../src/protocol/limits.ts';
import { keysOf, present, type VectorPerson } from './vector-keys.ts';

const room = present(parseRoomId('c3'.repeat(16)));
const user = present(parseUserId('a1'.repeat(16)));

/** Lives of a room's messages that Alice signs, and ones that nobody may take. */
export async function roomLifeVectors(alice: VectorPerson): Promise<unknown> {
  const keys = await keysOf(alice);
  const lives = [];
  for (const [number, seconds] of [
    [1, 0],
    [2, EXPIRES_MIN],
    [300, 86_400],
    [2 ** 53 - 1, EXPIRES_MAX],
  ] as const) {
    const life = await signRoomLife(keys, { room, user, number, seconds });
    const { document, signature } = present(parseRoomLife(life));
    lives.push({
      ...{ room, user, fingerprint: keys.fingerprint, number, seconds },
      document: toHex(document),
      signed: toHex(roomLifeSignatureInput(await sha256(document))),
      signature: toHex(signature),
      life: toHex(life),
    });
  }
  const invalid = [];
  for (const [why, number, seconds] of [
    ['the number is 0', 0, 60],
    ['shorter than a message may live', 1, EXPIRES_MIN - 1],
    ['longer than a message may live', 1, EXPIRES_MAX + 1],
  ] as const)
    invalid.push({ why, life: toHex(await signRoomLife(keys, { room, user, number, seconds })) });
  return { lives, invalid };
}
