import { sameBytes } from '../../src/protocol/bytes.ts';
import { parseContent, unpadContent } from '../../src/protocol/layouts/content.ts';
import { type MessageHeader, parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import {
  CONTENT_KEY_BYTES,
  messageSignatureInput,
  wrapLabel,
} from '../../src/protocol/layouts/message-inputs.ts';
import { ED25519_SIGNATURE_BYTES, SENDER_TIME_SKEW_MS } from '../../src/protocol/limits.ts';
import { admit } from './chain-ledger.ts';
import { deriveContentKeys } from './content-keys.ts';
import { type OpeningFailure, openingFailures } from './opening-failures.ts';
import type { AcceptedIdentity, Mark, OpenedMessage, Reader, ReceivedCopy } from './suite.ts';
import { aesGcmDecrypt, ed25519Verify, oaepDecrypt, sha256, type WebKey } from './web-crypto.ts';

/** Suite 1. See Suite.open. */
export async function openMessage(copy: ReceivedCopy, reader: Reader): Promise<OpenedMessage> {
  const parsed = parseMessageHeader(copy.header);
  if (!parsed.ok)
    return failed(parsed.reason === 'malformed' ? 'header_malformed' : parsed.reason, undefined);
  const { header } = parsed;
  if (header.room !== copy.room) return failed('wrong_room', header);
  if (header.sender !== copy.from) return failed('wrong_sender', header);

  const identity = identityOf(header, await reader.acceptedIdentities(header.sender));
  if (typeof identity === 'string') return failed(identity, header);

  const secret =
    header.passwordNumber === 0 ? new Uint8Array(0) : await reader.roomSecret(header.passwordNumber);
  if (secret === undefined) return failed('password_unknown', header);

  const headerHash = await sha256(copy.header);
  const recalled = await reader.recall?.(copy);
  if (recalled !== undefined) return place(copy, header, headerHash, recalled, reader);
  const decrypted = await decrypt(copy, header, headerHash, secret, reader.rsaDecrypt);
  if (!decrypted.ok) return failed(decrypted.reason, header);
  const { signature, padded } = decrypted;
  const signed = messageSignatureInput(headerHash, await sha256(padded));
  if (!(await ed25519Verify(identity.ed25519Verify, signature, signed)))
    return failed('signature_differs', header);

  return place(copy, header, headerHash, unpadContent(padded), reader);
}

type Decrypted =
  | { readonly ok: true; readonly signature: Uint8Array; readonly padded: Uint8Array }
  | { readonly ok: false; readonly reason: OpeningFailure };

function failed(reason: OpeningFailure, header: MessageHeader | undefined): OpenedMessage {
  return { status: openingFailures[reason].status, reason, header };
}

function identityOf(
  header: MessageHeader,
  accepted: readonly AcceptedIdentity[],
): AcceptedIdentity | 'unknown_identity' | 'replaced_identity' {
  const named = accepted.filter(({ fingerprint }) => fingerprint === header.senderFingerprint);
  const held = named.find(({ replacedAt }) => replacedAt === undefined || header.rosterVersion < replacedAt);
  return held ?? (named.length === 0 ? 'unknown_identity' : 'replaced_identity');
}

async function decrypt(
  copy: ReceivedCopy,
  header: MessageHeader,
  headerHash: Uint8Array,
  roomSecret: Uint8Array,
  rsaDecrypt: readonly WebKey[],
): Promise<Decrypted> {
  const contentKey = await unwrap(copy.wrap, wrapLabel(headerHash), rsaDecrypt);
  if (contentKey === undefined) return { ok: false, reason: 'wrap_does_not_open' };
  const keys = await deriveContentKeys(contentKey, roomSecret);
  if (!sameBytes(keys.commitment, header.commitment)) return { ok: false, reason: 'commitment_differs' };
  const plaintext = await aesGcmDecrypt(keys.aesKey, keys.nonce, copy.header, copy.ciphertext);
  if (plaintext === undefined) return { ok: false, reason: 'content_does_not_open' };
  if (plaintext.length < ED25519_SIGNATURE_BYTES) return { ok: false, reason: 'plaintext_malformed' };
  return {
    ok: true,
    signature: plaintext.slice(0, ED25519_SIGNATURE_BYTES),
    padded: plaintext.slice(ED25519_SIGNATURE_BYTES),
  };
}

/** A wrap doesn't say which of the reader's keys it was made for, so those that were replaced are tried as well. */
async function unwrap(
  wrap: Uint8Array,
  label: Uint8Array,
  rsaDecrypt: readonly WebKey[],
): Promise<Uint8Array | undefined> {
  for (const key of rsaDecrypt) {
    const contentKey = await oaepDecrypt(key, label, wrap);
    if (contentKey !== undefined) return contentKey.length === CONTENT_KEY_BYTES ? contentKey : undefined;
  }
  return undefined;
}

/** The checks behind the signature. Content is looked at last: its sender made it, so its place in the chain counts. */
async function place(
  copy: ReceivedCopy,
  header: MessageHeader,
  headerHash: Uint8Array,
  content: Uint8Array | undefined,
  reader: Reader,
): Promise<OpenedMessage> {
  const { room, sender, chain, messageId, number, previousHash } = header;
  const entry = { position: copy.seq, number, messageId, headerHash, previousHash };
  const admission = await reader.chains.transaction({ room, sender, chain }, (records) =>
    admit(records, entry, reader.readableAfter),
  );
  if (!admission.ok) return failed(admission.reason, header);
  const members = await reader.recipientsHash(header.rosterVersion);
  const marks: Mark[] = [];
  if (Math.abs(header.sentAt - copy.at) > SENDER_TIME_SKEW_MS) marks.push('late');
  if (members === undefined || !sameBytes(members, header.recipients)) marks.push('recipients_differ');
  const parsed = content === undefined ? undefined : parseContent(content);
  if (parsed?.ok !== true)
    return failed(parsed?.reason === 'unknown_type' ? 'unknown_content' : 'content_malformed', header);
  const { reread, missing } = admission;
  return { status: 'ok', content: parsed.content, header, marks, reread, missing };
}
