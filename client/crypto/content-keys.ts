import { concatBytes } from '../../src/protocol/bytes.ts';
import type { MessageEpoch } from '../../src/protocol/layouts/message-header.ts';
import {
  AES_KEY_BYTES,
  CONTENT_KEYS_BYTES,
  commitInput,
  contentInfo,
  epochContentInfo,
  GCM_NONCE_BYTES,
  type MessagePlace,
} from '../../src/protocol/layouts/message-inputs.ts';
import { hkdfSha256, hmacSha256 } from './web-crypto.ts';

/** What one content key is turned into. Key and nonce are used for one message only, so the nonce need not be sent. */
export interface ContentKeys {
  readonly aesKey: Uint8Array;
  readonly nonce: Uint8Array;
  /** 32 bytes for the header. AES-GCM alone lets one ciphertext open under two keys; this does not. */
  readonly commitment: Uint8Array;
}

/** `roomSecret` is 32 bytes, or empty for a room without a password. */
export async function deriveContentKeys(
  contentKey: Uint8Array,
  roomSecret: Uint8Array,
): Promise<ContentKeys> {
  return fromDerived(await hkdfSha256(contentKey, roomSecret, contentInfo(), CONTENT_KEYS_BYTES));
}

/** Suite 2. No two messages share keys, whoever seals them with whatever state: each has a salt of its own. */
export async function deriveEpochContentKeys(
  epochKey: Uint8Array,
  roomSecret: Uint8Array,
  place: MessagePlace,
  epoch: MessageEpoch,
): Promise<ContentKeys> {
  const salt = concatBytes(epoch.salt, roomSecret);
  return fromDerived(await hkdfSha256(epochKey, salt, epochContentInfo(place, epoch), CONTENT_KEYS_BYTES));
}

async function fromDerived(bytes: Uint8Array): Promise<ContentKeys> {
  const nonceEnd = AES_KEY_BYTES + GCM_NONCE_BYTES;
  return {
    aesKey: bytes.slice(0, AES_KEY_BYTES),
    nonce: bytes.slice(AES_KEY_BYTES, nonceEnd),
    commitment: await hmacSha256(bytes.slice(nonceEnd), commitInput()),
  };
}
