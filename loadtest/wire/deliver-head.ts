import { events } from '../../src/protocol/events.ts';
import { ID_BYTES } from '../../src/protocol/ids.ts';

/** MessagePack: an array of eight, then the operation, then an id of 16 bytes. */
const ARRAY_OF_EIGHT = 0x98;
const ARRAY_OF_TWO = 0x92;
const BIN_8 = 0xc4;
const ROOM_AT = 2;
/** Where a `deliver` frame has its position. */
export const SEQ_AT: number = ROOM_AT + 2 + ID_BYTES;

/** Bytes that an unsigned integer takes at most. */
export const UINT_BYTES_MAX = 9;

/** Up to the length of the header. */
export const DELIVER_HEAD_BYTES_MAX: number = SEQ_AT + 2 * UINT_BYTES_MAX + 2 + ID_BYTES + 3;

/** What a receiver that only counts wants of a `deliver` frame. */
export interface DeliverHead {
  readonly seq: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number;
  /** Where the 16 bytes of the sender's id begin. */
  readonly fromAt: number;
}

/**
 * Reads the head of a `deliver` frame without decoding the rest, which costs a load more than what it measures. Undefined:
 * it is another frame.
 */
export function deliverHead(frame: Uint8Array): DeliverHead | undefined {
  if (!isDeliver(frame, 0)) return undefined;
  const seqBytes = uintBytes(frame, SEQ_AT);
  const atAt = SEQ_AT + seqBytes;
  const fromAt = atAt + uintBytes(frame, atAt) + 2;
  if (frame.length < fromAt + ID_BYTES) return undefined;
  return { seq: uintAt(frame, SEQ_AT), at: uintAt(frame, atAt), fromAt };
}

/** Where a `deliver` frame that begins at `at` has its ciphertext; DELIVER_HEAD_BYTES_MAX of it have to be there. */
export function ciphertextAt(bytes: Uint8Array, at: number): number {
  const atAt = at + SEQ_AT + uintBytes(bytes, at + SEQ_AT);
  const headerAt = atAt + uintBytes(bytes, atAt) + 2 + ID_BYTES;
  return headerAt + binaryBytes(bytes, headerAt);
}

/** Of a binary of up to 65,535 bytes, with the bytes that tell its length. */
function binaryBytes(bytes: Uint8Array, at: number): number {
  const [kind, high = 0, low = 0] = bytes.subarray(at, at + 3);
  return kind === BIN_8 ? 2 + high : 3 + 256 * high + low;
}

export function isDeliver(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === ARRAY_OF_EIGHT && bytes[at + 1] === events.deliver.op && bytes[at + ROOM_AT] === BIN_8;
}

/** The operation of an event other than `deliver`; undefined: it is no such event. */
export function eventOperation(frame: Uint8Array): number | undefined {
  const operation = frame[1];
  return frame[0] === ARRAY_OF_TWO && operation !== undefined && operation >= events.deliver.op
    ? operation
    : undefined;
}

/** An unsigned integer of MessagePack; NaN of anything else. */
export function uintAt(bytes: Uint8Array, at: number): number {
  const size = uintBytes(bytes, at);
  if (size === 1) return bytes[at] ?? Number.NaN;
  let value = 0;
  for (let index = at + 1; index < at + size; index += 1) value = value * 256 + (bytes[index] ?? Number.NaN);
  return size === 0 ? Number.NaN : value;
}

/** With the byte that tells its kind; 0 of anything that is no unsigned integer. */
function uintBytes(bytes: Uint8Array, at: number): number {
  const kind = bytes[at] ?? 0xff;
  if (kind < 0x80) return 1;
  return kind >= 0xcc && kind <= 0xcf ? 1 + 2 ** (kind - 0xcc) : 0;
}
