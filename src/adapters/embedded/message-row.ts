import type { NewMessage } from '../../ports/message-store.ts';
import { toHex } from '../../protocol/bytes.ts';
import { type MessageId, parseMessageId, parseUserId, type UserId } from '../../protocol/ids.ts';
import { StoredRowFault } from './stored-rows.ts';

/**
 * A message without its wraps, which message-copies.ts keeps. Big endian.
 *
 * Kind u8 (1 message; 2 message with its wraps in chunks; 0 void, a settled position of an earlier layout) · expires at f64; then of a
 * message: at f64 · sender 16 · message id 16 · bytes of the header hash u16 · bytes of the header u32 · header hash · header · ciphertext.
 */

const KIND_VOID = 0;
const KIND_MESSAGE = 1;
const KIND_CHUNKED = 2;
const VOID_BYTES = 9;
const FIXED_BYTES = 55;

export interface StoredMessage {
  readonly kind: 'message';
  readonly isChunked: boolean;
  readonly expiresAt: number;
  readonly at: number;
  readonly sender: UserId;
  readonly messageId: MessageId;
  readonly headerHash: Uint8Array;
  readonly header: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export type StoredPosition = StoredMessage | { readonly kind: 'void'; readonly expiresAt: number };

export function encodeMessage(message: NewMessage, isChunked: boolean): Buffer {
  const { header, headerHash, ciphertext } = message;
  const row = Buffer.allocUnsafe(FIXED_BYTES + headerHash.length + header.length + ciphertext.length);
  row.writeUInt8(isChunked ? KIND_CHUNKED : KIND_MESSAGE, 0);
  row.writeDoubleBE(message.expiresAt, 1);
  row.writeDoubleBE(message.at, 9);
  row.write(message.sender, 17, 'hex');
  row.write(message.messageId, 33, 'hex');
  row.writeUInt16BE(headerHash.length, 49);
  row.writeUInt32BE(header.length, 51);
  row.set(headerHash, FIXED_BYTES);
  row.set(header, FIXED_BYTES + headerHash.length);
  row.set(ciphertext, FIXED_BYTES + headerHash.length + header.length);
  return row;
}

/** The same message with another expiry. */
export function withExpiry(row: Uint8Array, expiresAt: number): Buffer {
  const changed = Buffer.from(row);
  changed.writeDoubleBE(expiresAt, 1);
  return changed;
}

/** What it gives shares no bytes with the row. */
export function decodePosition(row: Uint8Array): StoredPosition {
  if (row.length < VOID_BYTES) throw new StoredRowFault('a message row is too short');
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const expiresAt = view.getFloat64(1);
  if (row[0] === KIND_VOID) return { kind: 'void', expiresAt };
  const isChunked = row[0] === KIND_CHUNKED;
  if ((row[0] !== KIND_MESSAGE && !isChunked) || row.length < FIXED_BYTES)
    throw new StoredRowFault('a message row is of no known kind');
  const headerAt = FIXED_BYTES + view.getUint16(49);
  const ciphertextAt = headerAt + view.getUint32(51);
  const sender = parseUserId(toHex(row.subarray(17, 33)));
  const messageId = parseMessageId(toHex(row.subarray(33, 49)));
  if (sender === undefined || messageId === undefined || ciphertextAt > row.length)
    throw new StoredRowFault('a message row is cut');
  return {
    kind: 'message',
    isChunked,
    expiresAt,
    at: view.getFloat64(9),
    sender,
    messageId,
    headerHash: new Uint8Array(row.subarray(FIXED_BYTES, headerAt)),
    header: new Uint8Array(row.subarray(headerAt, ciphertextAt)),
    ciphertext: new Uint8Array(row.subarray(ciphertextAt)),
  };
}
