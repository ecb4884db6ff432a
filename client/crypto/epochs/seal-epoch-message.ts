import type { Seen } from '../../../src/protocol/layouts/message-header.ts';
import { SALT_BYTES } from '../../../src/protocol/limits.ts';
import { deriveEpochContentKeys } from '../content-keys.ts';
import { roomSecretOf, sealContent } from '../seal.ts';
import type { HeldEpoch, MessageParts, SealedMessage } from '../suite.ts';
import { randomBytes } from '../web-crypto.ts';

export interface OutgoingEpochMessage extends Omit<MessageParts, 'rosterVersion' | 'passwordNumber'> {
  /** It names roster version, recipients and password number. */
  readonly epoch: HeldEpoch & { readonly key: Uint8Array };
  readonly seen: Seen;
}

/**
 * Suite 2: the message once, for everybody who holds the epoch's key. Every call draws a new salt. Whether this epoch is one to
 * send under is for the caller to decide. Throws as Suite.seal does.
 */
export async function sealEpochMessage(message: OutgoingEpochMessage): Promise<SealedMessage> {
  const { number, recordHash, rosterVersion, passwordNumber, recipients, key } = message.epoch;
  const parts: MessageParts = { ...message, rosterVersion, passwordNumber };
  const epoch = { number, recordHash, salt: randomBytes(SALT_BYTES) };
  const keys = await deriveEpochContentKeys(key, roomSecretOf(parts), message, epoch);
  return { ...(await sealContent(parts, { keys, recipients, epoch })), wraps: new Uint8Array(0) };
}
