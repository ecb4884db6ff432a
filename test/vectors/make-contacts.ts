import { signInvitation } from '../../client/crypto/invitation.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { pairOf, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { directName, directNameInput } from '../../src/protocol/layouts/direct-name.ts';
import { invitationSignatureInput, parseInvitation } from '../../src/protocol/layouts/invitation.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { keysOf, present, type VectorPerson } from './vector-keys.ts';

const alice = present(parseUserId('a1'.repeat(16)));
const bob = present(parseUserId('0b'.repeat(16)));

/** Names of the direct rooms of two users, and an invitation that Alice signs. */
export async function contactVectors(aliceKeys: VectorPerson): Promise<unknown> {
  const names = await Promise.all(
    [1, 2, 300].map(async (generation) => {
      const input = directNameInput(pairOf(alice, bob), generation);
      return { generation, input: toHex(input), name: directName(await sha256(input)) };
    }),
  );
  const room = present(parseRoomId('c3'.repeat(16)));
  const invitation = {
    ...{ from: alice, to: bob, room, name: present(parseRoomName('Lobby')), at: 1_700_000_000_123 },
  };
  const letter = await signInvitation(await keysOf(aliceKeys), invitation);
  const { document, signature } = present(parseInvitation(letter));
  return {
    direct: { one: alice, other: bob, names },
    invitation: {
      ...invitation,
      document: toHex(document),
      signed: toHex(invitationSignatureInput(await sha256(document))),
      signature: toHex(signature),
      letter: toHex(letter),
    },
  };
}
