import { sameBytes } from '../bytes.ts';
import {
  type ChainId,
  type Fingerprint,
  fingerprintBytes,
  idBytes,
  type MessageId,
  parseChainId,
  parseFingerprint,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../ids.ts';
import { HASH_BYTES, HEADER_BYTES_MAX } from '../limits.ts';
import { decodeStrict, encode } from '../message-pack.ts';

export const SUITE_ONE = 1;

/**
 * The first element of a header: how many elements follow, and what they mean. It is apart from the version of the protocol.
 * 1 has 14 elements, 2 has `seen` as well: 16.
 */
export type HeaderLayout = 1 | 2;

/** The last message of the room that the sender's profile had opened when it sealed. */
export interface Seen {
  /** 0: it had opened none. */
  readonly position: number;
  /** H(header), 32 bytes; empty with position 0. */
  readonly headerHash: Uint8Array;
}

/**
 * What a message says openly, and what its encryption is bound to (the AEAD's associated data). MessagePack array, in the
 * order of these fields after layout and suite; `seen` is two elements.
 */
export interface MessageHeader {
  readonly messageId: MessageId;
  readonly room: RoomId;
  readonly sender: UserId;
  readonly senderFingerprint: Fingerprint;
  readonly chain: ChainId;
  /** Place in the chain, from 0. */
  readonly number: number;
  /** H(header) of the chain's message before, 32 bytes; empty for number 0. */
  readonly previousHash: Uint8Array;
  readonly rosterVersion: number;
  /** SHA-256 of recipientsInput, 32 bytes. */
  readonly recipients: Uint8Array;
  /** Number of the room's password setting; 0 without one. */
  readonly passwordNumber: number;
  /** The sender's clock, milliseconds since 1970 UTC. */
  readonly sentAt: number;
  /** In layout 2 only. */
  readonly seen?: Seen;
  /** 32 bytes: HMAC-SHA256 under the commitment key. */
  readonly commitment: Uint8Array;
}

/** Index of the first of its two elements. */
const SEEN_AT = 13;

export type ParsedMessageHeader =
  | { readonly ok: true; readonly header: MessageHeader }
  | { readonly ok: false; readonly reason: 'malformed' | 'unsupported_layout' | 'unsupported_suite' };

export function layoutOf({ seen }: MessageHeader): HeaderLayout {
  return seen === undefined ? 1 : 2;
}

export function encodeMessageHeader(header: MessageHeader): Uint8Array<ArrayBuffer> {
  const { seen } = header;
  return encode([
    layoutOf(header),
    SUITE_ONE,
    idBytes(header.messageId),
    idBytes(header.room),
    idBytes(header.sender),
    fingerprintBytes(header.senderFingerprint),
    idBytes(header.chain),
    header.number,
    header.previousHash,
    header.rosterVersion,
    header.recipients,
    header.passwordNumber,
    header.sentAt,
    ...(seen === undefined ? [] : [seen.position, seen.headerHash]),
    header.commitment,
  ]);
}

/**
 * Strict: the bytes must be exactly what encodeMessageHeader makes of their fields. Never throws. An array whose layout,
 * or else suite, is another integer is named so; everything else that doesn't fit is `malformed`.
 */
export function parseMessageHeader(bytes: Uint8Array): ParsedMessageHeader {
  if (bytes.length > HEADER_BYTES_MAX) return { ok: false, reason: 'malformed' };
  const decoded = decodeStrict(bytes, { depthMax: 1, itemsMax: 32 });
  if (!decoded.ok || !Array.isArray(decoded.value)) return { ok: false, reason: 'malformed' };
  const fields: readonly unknown[] = decoded.value;
  const [layout, suite] = fields;
  if (!isCount(layout) || !isCount(suite)) return { ok: false, reason: 'malformed' };
  if (layout !== 1 && layout !== 2) return { ok: false, reason: 'unsupported_layout' };
  if (suite !== SUITE_ONE) return { ok: false, reason: 'unsupported_suite' };
  const header = layout === 1 ? fromFields(fields, undefined) : withSeen(fields);
  if (header === undefined || !sameBytes(encodeMessageHeader(header), bytes))
    return { ok: false, reason: 'malformed' };
  return { ok: true, header };
}

function withSeen(fields: readonly unknown[]): MessageHeader | undefined {
  const [position, headerHash] = fields.slice(SEEN_AT, SEEN_AT + 2);
  if (!isCount(position) || !isBytes(headerHash, position === 0 ? 0 : HASH_BYTES)) return undefined;
  return fromFields([...fields.slice(0, SEEN_AT), ...fields.slice(SEEN_AT + 2)], { position, headerHash });
}

/** The fields without `seen`. */
function fromFields(fields: readonly unknown[], seen: Seen | undefined): MessageHeader | undefined {
  if (fields.length !== 14) return undefined;
  const messageId = parseMessageId(fields[2]);
  const room = parseRoomId(fields[3]);
  const sender = parseUserId(fields[4]);
  const senderFingerprint = parseFingerprint(fields[5]);
  const chain = parseChainId(fields[6]);
  if (messageId === undefined || room === undefined || sender === undefined) return undefined;
  if (senderFingerprint === undefined || chain === undefined) return undefined;
  const [number, previousHash, rosterVersion, recipients, passwordNumber, sentAt, commitment] =
    fields.slice(7);
  if (!isCount(number) || !isCount(rosterVersion) || !isCount(passwordNumber) || !isCount(sentAt))
    return undefined;
  if (!isBytes(previousHash, number === 0 ? 0 : HASH_BYTES)) return undefined;
  if (!isBytes(recipients, HASH_BYTES) || !isBytes(commitment, HASH_BYTES)) return undefined;
  return {
    messageId,
    room,
    sender,
    senderFingerprint,
    chain,
    number,
    previousHash,
    rosterVersion,
    recipients,
    passwordNumber,
    sentAt,
    ...(seen === undefined ? {} : { seen }),
    commitment,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}
