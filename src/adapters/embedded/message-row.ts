import type { NewMessage } from '../../ports/message-store.ts';
import { toHex } from '../../protocol/bytes.ts';
import { ID_BYTES, type MessageId, parseMessageId, parseUserId, type UserId } from '../../protocol/ids.ts';
import { StoredRowFault } from './stored-rows.ts';

/**
 * A message is two rows, so that a page of history reads one reader's wrap instead of everybody's. Big endian.
 *
 * Row: kind u8 (1 message; 0 void, a settled position of an earlier layout) · expires at f64; then of a message: at f64 · sender 16 · message id 16 ·
 * bytes of the header hash u16 · bytes of the header u32 · header hash · header · ciphertext.
 *
 * Copies: recipients u32 · ids 16 × recipients, ascending · wraps, all of one length. Of a message of suite 2: 0 as u32 · roster
 * version of its epoch f64.
 */

const KIND_VOID = 0;
const KIND_MESSAGE = 1;
const VOID_BYTES = 9;
const FIXED_BYTES = 55;
const COUNT_BYTES = 4;
const SHARED_BYTES = 12;

export interface StoredMessage {
  readonly kind: 'message';
  readonly expiresAt: number;
  readonly at: number;
  readonly sender: UserId;
  readonly messageId: MessageId;
  readonly headerHash: Uint8Array;
  readonly header: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export type StoredPosition = StoredMessage | { readonly kind: 'void'; readonly expiresAt: number };

export function encodeMessage(message: NewMessage): Buffer {
  const { header, headerHash, ciphertext } = message;
  const row = Buffer.allocUnsafe(FIXED_BYTES + headerHash.length + header.length + ciphertext.length);
  row.writeUInt8(KIND_MESSAGE, 0);
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
  if (row[0] !== KIND_MESSAGE || row.length < FIXED_BYTES)
    throw new StoredRowFault('a message row is of no known kind');
  const headerAt = FIXED_BYTES + view.getUint16(49);
  const ciphertextAt = headerAt + view.getUint32(51);
  const sender = parseUserId(toHex(row.subarray(17, 33)));
  const messageId = parseMessageId(toHex(row.subarray(33, 49)));
  if (sender === undefined || messageId === undefined || ciphertextAt > row.length)
    throw new StoredRowFault('a message row is cut');
  return {
    kind: 'message',
    expiresAt,
    at: view.getFloat64(9),
    sender,
    messageId,
    headerHash: new Uint8Array(row.subarray(FIXED_BYTES, headerAt)),
    header: new Uint8Array(row.subarray(headerAt, ciphertextAt)),
    ciphertext: new Uint8Array(row.subarray(ciphertextAt)),
  };
}

type Copies = Pick<NewMessage, 'recipients' | 'wraps' | 'epochVersion'>;

export function encodeCopies({ recipients, wraps, epochVersion }: Copies): Buffer {
  if (epochVersion !== undefined) {
    const shared = Buffer.alloc(SHARED_BYTES);
    shared.writeDoubleBE(epochVersion, COUNT_BYTES);
    return shared;
  }
  const row = Buffer.allocUnsafe(COUNT_BYTES + recipients.length + wraps.length);
  row.writeUInt32BE(recipients.length / ID_BYTES, 0);
  row.set(recipients, COUNT_BYTES);
  row.set(wraps, COUNT_BYTES + recipients.length);
  return row;
}

export function decodeCopies(row: Uint8Array): Copies {
  const epochVersion = epochVersionIn(row);
  if (epochVersion !== undefined)
    return { recipients: new Uint8Array(0), wraps: new Uint8Array(0), epochVersion };
  const wrapsAt = COUNT_BYTES + recipientsOf(row) * ID_BYTES;
  return {
    recipients: new Uint8Array(row.subarray(COUNT_BYTES, wrapsAt)),
    wraps: new Uint8Array(row.subarray(wrapsAt)),
  };
}

/** Undefined: the message has a wrap for each of its recipients. */
export function epochVersionIn(row: Uint8Array): number | undefined {
  if (recipientsOf(row) > 0 || row.length !== SHARED_BYTES) return undefined;
  return new DataView(row.buffer, row.byteOffset, row.byteLength).getFloat64(COUNT_BYTES);
}

/** The wrap of one reader (16 bytes), found by halves; undefined when there is none. A copy. */
export function wrapIn(row: Uint8Array, reader: Uint8Array): Uint8Array | undefined {
  const count = recipientsOf(row);
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareIds(row, COUNT_BYTES + middle * ID_BYTES, reader);
    if (order === 0) return wrapAt(row, middle, count);
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function wrapAt(row: Uint8Array, index: number, count: number): Uint8Array {
  const wrapsAt = COUNT_BYTES + count * ID_BYTES;
  const size = (row.length - wrapsAt) / count;
  return row.slice(wrapsAt + index * size, wrapsAt + (index + 1) * size);
}

function recipientsOf(row: Uint8Array): number {
  if (row.length < COUNT_BYTES) throw new StoredRowFault('a row of copies is too short');
  const count = new DataView(row.buffer, row.byteOffset, row.byteLength).getUint32(0);
  if (COUNT_BYTES + count * ID_BYTES > row.length) throw new StoredRowFault('a row of copies is cut');
  return count;
}

function compareIds(row: Uint8Array, at: number, id: Uint8Array): number {
  for (let index = 0; index < ID_BYTES; index += 1) {
    const difference = (row[at + index] ?? 0) - (id[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
