import { concatBytes } from '../../src/protocol/bytes.ts';
import { encodeContent } from '../../src/protocol/layouts/content.ts';
import { encodeMessageHeader, type MessageEpoch } from '../../src/protocol/layouts/message-header.ts';
import {
  CONTENT_KEY_BYTES,
  messageSignatureInput,
  wrapLabel,
} from '../../src/protocol/layouts/message-inputs.ts';
import { padContent } from '../../src/protocol/layouts/padding.ts';
import { type ContentKeys, deriveContentKeys } from './content-keys.ts';
import { inOrder, recipientsHash } from './recipients.ts';
import type { MessageParts, OutgoingMessage, SealedMessage } from './suite.ts';
import { aesGcmEncrypt, ed25519Sign, oaepEncrypt, randomBytes, sha256 } from './web-crypto.ts';

/** Suite 1. See Suite.seal. */
export async function sealMessage(message: OutgoingMessage): Promise<SealedMessage> {
  const members = inOrder(message.members);
  const contentKey = randomBytes(CONTENT_KEY_BYTES);
  const keys = await deriveContentKeys(contentKey, roomSecretOf(message));
  const sealed = await sealContent(message, { keys, recipients: await recipientsHash(members) });
  const label = wrapLabel(sealed.headerHash);
  const wraps = await Promise.all(
    members.map(({ rsaEncrypt }) => oaepEncrypt(rsaEncrypt, label, contentKey)),
  );
  return { ...sealed, wraps: concatBytes(...wraps) };
}

/** What salts every content key under the message's password setting; nothing without one. Throws TypeError when it is missing. */
export function roomSecretOf({
  passwordNumber,
  roomSecret,
}: Pick<MessageParts, 'passwordNumber' | 'roomSecret'>): Uint8Array {
  if ((passwordNumber === 0) !== (roomSecret === undefined)) {
    throw new TypeError('a room secret goes with a password number other than 0, and only with that');
  }
  return roomSecret ?? new Uint8Array(0);
}

/** What a suite adds to a message. */
interface SuiteParts {
  readonly keys: ContentKeys;
  /** recipientsHash of those for whom it is sealed. */
  readonly recipients: Uint8Array;
  readonly epoch?: MessageEpoch;
}

/** Header and ciphertext, the same in every suite. */
export async function sealContent(
  message: MessageParts,
  { keys, recipients, epoch }: SuiteParts,
): Promise<Omit<SealedMessage, 'wraps'>> {
  const padded = padContent(encodeContent(message.content));
  const header = encodeMessageHeader({
    messageId: message.messageId,
    room: message.room,
    sender: message.sender,
    senderFingerprint: message.keys.fingerprint,
    chain: message.chain,
    number: message.number,
    previousHash: message.previousHash,
    rosterVersion: message.rosterVersion,
    recipients,
    passwordNumber: message.passwordNumber,
    sentAt: message.sentAt,
    ...(message.seen === undefined ? {} : { seen: message.seen }),
    ...(epoch === undefined ? {} : { epoch }),
    commitment: keys.commitment,
  });
  const headerHash = await sha256(header);
  const signature = await ed25519Sign(
    message.keys.ed25519Sign,
    messageSignatureInput(headerHash, await sha256(padded)),
  );
  const ciphertext = await aesGcmEncrypt(keys.aesKey, keys.nonce, header, concatBytes(signature, padded));
  return { header, headerHash, ciphertext };
}
