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
import { HASH_BYTES, HEADER_BYTES_MAX, SALT_BYTES } from '../limits.ts';
import { decodeStrict, encode, isBytes, isCount } from '../message-pack.ts';

export const SUITE_ONE = 1;
export const SUITE_TWO = 2;

/**
 * The first element of a header: how many elements follow, and what they mean. It is apart from the version of the protocol.
 * 1 has 14 elements, 2 has `seen` as well: 16. These two are suite 1's, and a room is set to one of them.
 */
export type HeaderLayout = 1 | 2;
/** Suite 2's: layout 2 with `epoch`, 19 elements. */
export const EPOCH_HEADER_LAYOUT = 3;

/** The last message of the room that the sender's profile had opened when it sealed. */
export interface Seen {
  /** 0: it had opened none. */
  readonly position: number;
  /** H(header), 32 bytes; empty with position 0. */
  readonly headerHash: Uint8Array;
}

/** The epoch whose key a message of suite 2 is sealed under. */
export interface MessageEpoch {
  /** From 1. */
  readonly number: number;
  /** H(record) of that epoch, 32 bytes. */
  readonly recordHash: Uint8Array;
  /** 32 random bytes of this message. */
  readonly salt: Uint8Array;
}

/**
 * What a message says openly, and what its encryption is bound to (the AEAD's associated data). MessagePack array, in the
 * order of these fields after layout and suite; `seen` is two elements, `epoch` is three.
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
  /** Not in layout 1. */
  readonly seen?: Seen;
  /** In layout 3 only, which has `seen` too. */
  readonly epoch?: MessageEpoch;
  /** 32 bytes: HMAC-SHA256 under the commitment key. */
  readonly commitment: Uint8Array;
}

/** Index of the first element that not every layout has. */
const SEEN_AT = 13;
const EPOCH_AT = 15;
/** Elements that every layout has. */
const COMMON_ELEMENTS = 14;
const suites: ReadonlyMap<unknown, number> = new Map([
  [1, SUITE_ONE],
  [2, SUITE_ONE],
  [EPOCH_HEADER_LAYOUT, SUITE_TWO],
]);

export type ParsedMessageHeader =
  | { readonly ok: true; readonly header: MessageHeader }
  | { readonly ok: false; readonly reason: 'malformed' | 'unsupported_layout' | 'unsupported_suite' };

export function layoutOf({ seen, epoch }: MessageHeader): HeaderLayout | typeof EPOCH_HEADER_LAYOUT {
  if (epoch !== undefined) return EPOCH_HEADER_LAYOUT;
  return seen === undefined ? 1 : 2;
}

/** Throws TypeError for an `epoch` without `seen`, which no layout has. */
export function encodeMessageHeader(header: MessageHeader): Uint8Array<ArrayBuffer> {
  const { seen, epoch } = header;
  if (epoch !== undefined && seen === undefined)
    throw new TypeError('layout 3 says what its sender had seen');
  return encode([
    layoutOf(header),
    epoch === undefined ? SUITE_ONE : SUITE_TWO,
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
    ...(epoch === undefined ? [] : [epoch.number, epoch.recordHash, epoch.salt]),
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
  if (!suites.has(layout)) return { ok: false, reason: 'unsupported_layout' };
  if (suite !== suites.get(layout)) return { ok: false, reason: 'unsupported_suite' };
  const header = fromFields(layout, fields);
  if (header === undefined || !sameBytes(encodeMessageHeader(header), bytes))
    return { ok: false, reason: 'malformed' };
  return { ok: true, header };
}

function fromFields(layout: number, fields: readonly unknown[]): MessageHeader | undefined {
  const last = layout === EPOCH_HEADER_LAYOUT ? EPOCH_AT + 3 : layout === 2 ? SEEN_AT + 2 : SEEN_AT;
  const common = commonFields([...fields.slice(0, SEEN_AT), ...fields.slice(last)]);
  if (common === undefined || layout === 1) return common;
  const seen = seenOf(fields.slice(SEEN_AT, EPOCH_AT));
  if (seen === undefined || layout === 2) return seen === undefined ? undefined : { ...common, seen };
  const epoch = epochOf(fields.slice(EPOCH_AT, last));
  return epoch === undefined ? undefined : { ...common, seen, epoch };
}

function seenOf([position, headerHash]: readonly unknown[]): Seen | undefined {
  if (!isCount(position) || !isBytes(headerHash, position === 0 ? 0 : HASH_BYTES)) return undefined;
  return { position, headerHash };
}

function epochOf([number, recordHash, salt]: readonly unknown[]): MessageEpoch | undefined {
  if (!isCount(number) || number === 0) return undefined;
  if (!isBytes(recordHash, HASH_BYTES) || !isBytes(salt, SALT_BYTES)) return undefined;
  return { number, recordHash, salt };
}

/** The elements that every layout has. */
function commonFields(fields: readonly unknown[]): MessageHeader | undefined {
  if (fields.length !== COMMON_ELEMENTS) return undefined;
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
