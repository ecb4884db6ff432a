import { sameBytes } from '../../src/protocol/bytes.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { parseContent } from '../../src/protocol/layouts/content.ts';
import { type MessageHeader, parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import {
  CONTENT_KEY_BYTES,
  messageSignatureInput,
  wrapLabel,
} from '../../src/protocol/layouts/message-inputs.ts';
import { unpadContent } from '../../src/protocol/layouts/padding.ts';
import { ED25519_SIGNATURE_BYTES, SENDER_TIME_SKEW_MS } from '../../src/protocol/limits.ts';
import { type Admission, admit } from './chain-ledger.ts';
import { type ContentKeys, deriveContentKeys, deriveEpochContentKeys } from './content-keys.ts';
import { type OpeningFailure, openingFailures } from './opening-failures.ts';
import { isContradicted } from './order-claims.ts';
import { notePage, readingOf } from './page-reading.ts';
import type { AcceptedIdentity, HeldEpoch, Mark, OpenedMessage, Reader, ReceivedCopy } from './suite.ts';
import { aesGcmDecrypt, ed25519Verify, oaepDecrypt, sha256, type WebKey } from './web-crypto.ts';

type FailedMessage = Exclude<OpenedMessage, { readonly status: 'ok' }>;

/** What its sender has signed. */
interface ProvenMessage {
  readonly copy: ReceivedCopy;
  readonly header: MessageHeader;
  readonly headerHash: Uint8Array;
  /** Undefined: the padding is malformed. */
  readonly content: Uint8Array | undefined;
}

interface PlacedMessage extends ProvenMessage {
  readonly admission: Extract<Admission, { readonly ok: true }>;
  readonly contradicted: boolean;
}

/** Copies of suite 1, and of suite 2 where the reader knows epochs. See Suite.open. */
export async function openMessages(
  copies: readonly ReceivedCopy[],
  reader: Reader,
): Promise<readonly OpenedMessage[]> {
  const [first] = copies;
  if (first === undefined) return [];
  if (copies.some(({ room }) => room !== first.room)) throw new TypeError('these are copies of two rooms');
  // What one message says decides nothing about another up to its signature.
  const proven = await Promise.all(copies.map((copy) => prove(copy, reader)));
  const opened: OpenedMessage[] = [];
  for (const placed of await place(first.room, proven, reader, copies))
    opened.push(isFailed(placed) ? placed : await read(placed, reader));
  return opened;
}

/** The checks up to the signature. */
async function prove(copy: ReceivedCopy, reader: Reader): Promise<ProvenMessage | FailedMessage> {
  const parsed = parseMessageHeader(copy.header);
  if (!parsed.ok)
    return failed(parsed.reason === 'malformed' ? 'header_malformed' : parsed.reason, undefined);
  const { header } = parsed;
  if (header.room !== copy.room) return failed('wrong_room', header);
  if (header.sender !== copy.from) return failed('wrong_sender', header);

  const { sender, senderFingerprint, rosterVersion } = header;
  const accepted = await reader.acceptedIdentities(sender, senderFingerprint, rosterVersion);
  if (accepted === 'no_member') return failed('no_member', header);
  const identity = identityOf(header, copy.seq, accepted);
  if (typeof identity === 'string') return failed(identity, header);

  const epoch = await epochOf(header, reader);
  if (typeof epoch === 'string') return failed(epoch, header);

  const secret =
    header.passwordNumber === 0 ? new Uint8Array(0) : await reader.roomSecret(header.passwordNumber);
  if (secret === undefined) return failed('password_unknown', header);

  const headerHash = await sha256(copy.header);
  const recalled = await reader.recall?.(copy);
  if (recalled !== undefined) return { copy, header, headerHash, content: recalled };
  const keys = await contentKeys(copy, { header, headerHash, secret, epoch }, reader);
  if (typeof keys === 'string') return failed(keys, header);
  const decrypted = await decrypt(copy, header, keys);
  if (!decrypted.ok) return failed(decrypted.reason, header);
  const { signature, padded } = decrypted;
  const signed = messageSignatureInput(headerHash, await sha256(padded));
  if (!(await ed25519Verify(identity.ed25519Verify, signature, signed)))
    return failed('signature_differs', header);
  return { copy, header, headerHash, content: unpadContent(padded) };
}

type Decrypted =
  | { readonly ok: true; readonly signature: Uint8Array; readonly padded: Uint8Array }
  | { readonly ok: false; readonly reason: OpeningFailure };

function failed(reason: OpeningFailure, header: MessageHeader | undefined): FailedMessage {
  return { status: openingFailures[reason], reason, header };
}

function isFailed(message: ProvenMessage | FailedMessage): message is FailedMessage {
  return 'status' in message;
}

/** Of the identities of a user, the one by which this was signed at its roster version and position. */
export function identityOf(
  header: Pick<MessageHeader, 'senderFingerprint' | 'rosterVersion'>,
  position: number,
  accepted: readonly AcceptedIdentity[],
): AcceptedIdentity | 'unknown_identity' | 'replaced_identity' {
  const named = accepted.filter(({ fingerprint }) => fingerprint === header.senderFingerprint);
  const held = named.find(
    ({ replacedAt = Number.POSITIVE_INFINITY, lastPosition = Number.POSITIVE_INFINITY }) =>
      header.rosterVersion < replacedAt && position <= lastPosition,
  );
  return held ?? (named.length === 0 ? 'unknown_identity' : 'replaced_identity');
}

/** The epoch of a message of suite 2, when all that it says of it is so. */
async function epochOf(
  header: MessageHeader,
  reader: Reader,
): Promise<HeldEpoch | undefined | OpeningFailure> {
  if (header.epoch === undefined) return undefined;
  if (reader.epoch === undefined) return 'unsupported_suite';
  const epoch = await reader.epoch(header.epoch.number);
  if (epoch === undefined) return 'epoch_unknown';
  if (!sameBytes(epoch.recordHash, header.epoch.recordHash)) return 'epoch_differs';
  const agrees =
    header.rosterVersion === epoch.rosterVersion &&
    header.passwordNumber === epoch.passwordNumber &&
    sameBytes(header.recipients, epoch.recipients);
  return agrees ? epoch : 'epoch_contradicted';
}

interface KeyedMessage {
  readonly header: MessageHeader;
  readonly headerHash: Uint8Array;
  /** Of the room's password; empty without one. */
  readonly secret: Uint8Array;
  readonly epoch: HeldEpoch | undefined;
}

async function contentKeys(
  copy: ReceivedCopy,
  { header, headerHash, secret, epoch }: KeyedMessage,
  reader: Reader,
): Promise<ContentKeys | OpeningFailure> {
  if (header.epoch === undefined) {
    const contentKey = await unwrap(copy.wrap, wrapLabel(headerHash), reader.rsaDecrypt);
    return contentKey === undefined ? 'wrap_does_not_open' : deriveContentKeys(contentKey, secret);
  }
  if (epoch?.key === undefined) return 'epoch_key_deleted';
  return deriveEpochContentKeys(epoch.key, secret, header, header.epoch);
}

async function decrypt(copy: ReceivedCopy, header: MessageHeader, keys: ContentKeys): Promise<Decrypted> {
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
    const contentKey = await oaepDecrypt(key, label, wrap, CONTENT_KEY_BYTES);
    if (contentKey !== undefined) return contentKey;
  }
  return undefined;
}

/** Admits all of them to their chains, in their order and in one step, which is durable before anything is shown. */
async function place(
  room: RoomId,
  proven: readonly (ProvenMessage | FailedMessage)[],
  reader: Reader,
  copies: readonly ReceivedCopy[],
): Promise<readonly (PlacedMessage | FailedMessage)[]> {
  if (reader.page === undefined && proven.every(isFailed)) return proven;
  return reader.chains.transaction(room, (chains, opened, read) => {
    notePage(read, reader, copies);
    const isRead = readingOf(read, reader);
    return proven.map((message) => {
      if (isFailed(message)) return message;
      const { copy, header, headerHash } = message;
      const { messageId, number, previousHash } = header;
      const unstored = copy.stored === false;
      const entry = { position: copy.seq, number, messageId, headerHash, previousHash, unstored };
      const admission = admit(chains, header, entry, isRead);
      if (!admission.ok) return failed(admission.reason, header);
      const claim = { position: copy.seq, headerHash, seen: header.seen, stored: copy.stored === true };
      return { ...message, admission, contradicted: isContradicted(opened, claim) };
    });
  });
}

/** What it says is looked at last: its sender made it, so its place in the chain counts. */
async function read(
  { copy, header, content, admission, contradicted }: PlacedMessage,
  reader: Reader,
): Promise<OpenedMessage> {
  const members = await reader.recipientsHash(header.rosterVersion);
  const marks: Mark[] = [];
  if (Math.abs(header.sentAt - copy.at) > SENDER_TIME_SKEW_MS) marks.push('late');
  if (members === undefined || !sameBytes(members, header.recipients)) marks.push('recipients_differ');
  if (contradicted) marks.push('order_contradicted');
  const parsed = content === undefined ? undefined : parseContent(content);
  if (content === undefined || parsed?.ok !== true) return failed('content_malformed', header);
  const { reread, missing, unread } = admission;
  return { status: 'ok', content: parsed.content, encoded: content, header, marks, reread, missing, unread };
}
