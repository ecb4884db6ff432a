import { sameBytes } from '../bytes.ts';
import {
  type ChainId,
  idBytes,
  type MessageId,
  parseChainId,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../ids.ts';
import { HASH_BYTES, HEADER_BYTES_MAX, PROTOCOL_VERSION } from '../limits.ts';
import { decodeStrict, encode } from '../message-pack.ts';
import { type Fingerprint, fingerprintBytes, parseFingerprint } from './fingerprint.ts';

export const SUITE_ONE = 1;

/**
 * What a message says openly, and what its encryption is bound to (the AEAD's associated data). MessagePack array, in the
 * order of these fields after version and suite: 14 elements.
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
  /** 32 bytes: HMAC-SHA256 under the commitment key. */
  readonly commitment: Uint8Array;
}

export type ParsedMessageHeader =
  | { readonly ok: true; readonly header: MessageHeader }
  | { readonly ok: false; readonly reason: 'malformed' | 'unsupported_version' | 'unsupported_suite' };

export function encodeMessageHeader(header: MessageHeader): Uint8Array<ArrayBuffer> {
  return encode([
    PROTOCOL_VERSION,
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
    header.commitment,
  ]);
}

/**
 * Strict: the bytes must be exactly what encodeMessageHeader makes of their fields. Never throws. An array whose version,
 * or else suite, is another integer is named so; everything else that doesn't fit is `malformed`.
 */
export function parseMessageHeader(bytes: Uint8Array): ParsedMessageHeader {
  if (bytes.length > HEADER_BYTES_MAX) return { ok: false, reason: 'malformed' };
  const decoded = decodeStrict(bytes, { depthMax: 1, itemsMax: 32 });
  if (!decoded.ok || !Array.isArray(decoded.value)) return { ok: false, reason: 'malformed' };
  const fields: readonly unknown[] = decoded.value;
  const [version, suite] = fields;
  if (!isCount(version) || !isCount(suite)) return { ok: false, reason: 'malformed' };
  if (version !== PROTOCOL_VERSION) return { ok: false, reason: 'unsupported_version' };
  if (suite !== SUITE_ONE) return { ok: false, reason: 'unsupported_suite' };
  const header = fromFields(fields);
  if (header === undefined || !sameBytes(encodeMessageHeader(header), bytes))
    return { ok: false, reason: 'malformed' };
  return { ok: true, header };
}

function fromFields(fields: readonly unknown[]): MessageHeader | undefined {
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
    commitment,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}
