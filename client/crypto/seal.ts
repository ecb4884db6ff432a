import { concatBytes } from '../../src/protocol/bytes.ts';
import { encodeContent, padContent } from '../../src/protocol/layouts/content.ts';
import { encodeMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import {
  CONTENT_KEY_BYTES,
  messageSignatureInput,
  wrapLabel,
} from '../../src/protocol/layouts/message-inputs.ts';
import { deriveContentKeys } from './content-keys.ts';
import { recipientsHash } from './recipients.ts';
import type { Member, OutgoingMessage, SealedMessage } from './suite.ts';
import { aesGcmEncrypt, ed25519Sign, oaepEncrypt, randomBytes, sha256 } from './web-crypto.ts';

/** Suite 1. See Suite.seal. */
export async function sealMessage(message: OutgoingMessage): Promise<SealedMessage> {
  if ((message.passwordNumber === 0) !== (message.roomSecret === undefined)) {
    throw new TypeError('a room secret goes with a password number other than 0, and only with that');
  }
  const members = inOrder(message.members);
  const padded = padContent(encodeContent(message.content));
  const contentKey = randomBytes(CONTENT_KEY_BYTES);
  const keys = await deriveContentKeys(contentKey, message.roomSecret ?? new Uint8Array(0));
  const header = encodeMessageHeader({
    messageId: message.messageId,
    room: message.room,
    sender: message.sender,
    senderFingerprint: message.keys.fingerprint,
    chain: message.chain,
    number: message.number,
    previousHash: message.previousHash,
    rosterVersion: message.rosterVersion,
    recipients: await recipientsHash(members),
    passwordNumber: message.passwordNumber,
    sentAt: message.sentAt,
    ...(message.seen === undefined ? {} : { seen: message.seen }),
    commitment: keys.commitment,
  });
  const headerHash = await sha256(header);
  const signature = await ed25519Sign(
    message.keys.ed25519Sign,
    messageSignatureInput(headerHash, await sha256(padded)),
  );
  const ciphertext = await aesGcmEncrypt(keys.aesKey, keys.nonce, header, concatBytes(signature, padded));
  const label = wrapLabel(headerHash);
  const wraps = await Promise.all(
    members.map(({ rsaEncrypt }) => oaepEncrypt(rsaEncrypt, label, contentKey)),
  );
  return { header, headerHash, ciphertext, wraps: concatBytes(...wraps) };
}

function inOrder(members: readonly Member[]): readonly Member[] {
  const ascending = [...members].sort((a, b) => (a.user < b.user ? -1 : 1));
  const twice = ascending.some((member, index) => member.user === ascending[index + 1]?.user);
  if (twice) throw new TypeError('a user is twice among the members');
  return ascending;
}
