import { concatBytes } from './bytes.ts';
import type { ErrorName } from './codes.ts';
import { type RoomPresence, roomPresence } from './entities.ts';
import { errorReply, errorReplyOf, type Refusal } from './error-reply.ts';
import { type EventBody, type EventName, events } from './events.ts';
import { frameCaps, REPLY_ERROR, REPLY_OK, REQUEST_ID_MAX, REQUEST_OPERATION_MAX } from './frames.ts';
import { idBytes, type RoomId, type UserId } from './ids.ts';
import { CIPHERTEXT_BYTES_MAX, HEADER_BYTES_MAX, WRAP_BYTES, WRAPPED_MEMBERS_MAX } from './limits.ts';
import { decodeStrict, encode } from './message-pack.ts';
import { sendFields } from './message-requests.ts';
import {
  enteredRoom,
  type ReplyBody,
  type RequestBody,
  type RequestName,
  requestNameOf,
  requestNames,
  requests,
} from './requests.ts';
import type { ScanCaps } from './scan.ts';
import { extentAround, Fault, largestExtent, type Shape, uint } from './shape.ts';

/** The server's half of the codec: requests in, replies and events out. Nothing here throws on bytes from outside. */

export type Request = {
  [Name in RequestName]: { readonly name: Name; readonly id: number; readonly body: RequestBody<Name> };
}[RequestName];

export type DecodedRequest =
  | { readonly kind: 'request'; readonly request: Request }
  /** It had a request id, so it is answered. */
  | {
      readonly kind: 'refused';
      readonly id: number;
      readonly name: RequestName | undefined;
      readonly code: ErrorName;
      readonly message: string;
    }
  /** There is nothing to answer to: the connection is closed with `malformed_frame`. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** Around the body of a request: its operation and its id. */
const headExtents = [uint().extent, uint().extent] as const;

/** No request of this protocol goes beyond this, so what does is refused before it is decoded. */
export const requestCaps: ScanCaps = {
  ...frameCaps,
  largest: largestExtent(
    requestNames.map((name) => extentAround([...headExtents, requests[name].body.extent])),
  ),
};

export function decodeRequest(frame: Uint8Array): DecodedRequest {
  const head = readRequestHead(frame);
  if (head === undefined) return { kind: 'malformed', reason: 'not a request' };
  const { id, operation } = head;
  const name = requestNameOf(operation);
  // Nothing is known of its body, which a newer protocol may have made larger than any of ours.
  if (name === undefined) return refused(id, name, `operation ${operation} is unknown`);
  const decoded = decodeStrict(frame, requestCaps);
  if (!decoded.ok) {
    if (decoded.reason === 'over_extent') return refused(id, name, `${name} has more in it than any request`);
    return { kind: 'malformed', reason: decoded.reason };
  }
  const { value } = decoded;
  if (!Array.isArray(value)) return { kind: 'malformed', reason: 'not a request' };
  if (name === 'send') return decodeSend(id, value);
  if (value.length !== 3) return refused(id, name, `${name} has one body`);
  const shape: Shape<unknown> = requests[name].body;
  const body = shape.parse(value[2], 'strict');
  if (body instanceof Fault) return refused(id, name, `${name}: ${body}`);
  return { kind: 'request', request: { name, id, body } as Request };
}

function refused(
  id: number,
  name: RequestName | undefined,
  message: string,
  code: ErrorName = 'bad_request',
): DecodedRequest {
  return { kind: 'refused', id, name, code, message };
}

function decodeSend(id: number, frame: readonly unknown[]): DecodedRequest {
  if (frame.length !== 7) return refused(id, 'send', 'send has seven elements');
  const [, , room, version, header, ciphertext, wraps] = frame;
  const over = (part: unknown, max: number): boolean => part instanceof Uint8Array && part.length > max;
  const tooLarge = (message: string): DecodedRequest => refused(id, 'send', message, 'too_large');
  if (over(ciphertext, CIPHERTEXT_BYTES_MAX))
    return tooLarge(`send: the ciphertext is over ${CIPHERTEXT_BYTES_MAX} bytes`);
  if (over(header, HEADER_BYTES_MAX)) return tooLarge(`send: the header is over ${HEADER_BYTES_MAX} bytes`);
  if (over(wraps, WRAPPED_MEMBERS_MAX * WRAP_BYTES))
    return tooLarge(`send: more than ${WRAPPED_MEMBERS_MAX} wraps`);
  const body = sendFields.parse({ room, version, header, ciphertext, wraps }, 'strict');
  if (body instanceof Fault) return refused(id, 'send', `send: ${body}`);
  return { kind: 'request', request: { name: 'send', id, body } };
}

export function encodeReply<Name extends RequestName>(
  name: Name,
  id: number,
  body: ReplyBody<Name>,
): Uint8Array {
  const shape: Shape<unknown> = requests[name].reply;
  return encode([REPLY_OK, id, shape.pack(body)]);
}

/** The last element of a reply, for replyFrame(). */
export function encodeReplyBody<Name extends RequestName>(name: Name, body: ReplyBody<Name>): Uint8Array {
  const shape: Shape<unknown> = requests[name].reply;
  return encode(shape.pack(body));
}

/** The same bytes as encodeReply() gives, around a body that was encoded before. */
export function replyFrame(id: number, encodedBody: Uint8Array): Uint8Array {
  return concatBytes(encode([REPLY_OK, id, null]).subarray(0, -1), encodedBody);
}

export function encodeError(id: number, refusal: Refusal): Uint8Array {
  const { refused: code, message, retryAfterMs } = refusal;
  if (code === 'rate_limited' && message === undefined && retryAfterMs !== undefined)
    return encodeLimited(id, Math.min(retryAfterMs, UINT_32_MAX));
  return encode([REPLY_ERROR, id, errorReply.pack(errorReplyOf(refusal))]);
}

const UINT_32_MAX = 0xffff_ffff;
/** Behind the heads of the array, of the code and of the number itself. */
const LIMITED_ID_AT = 3;
const limitedFrame = encode([
  REPLY_ERROR,
  UINT_32_MAX,
  errorReply.pack(errorReplyOf({ refused: 'rate_limited', retryAfterMs: UINT_32_MAX })),
]);

/** Whoever ignores limits causes these by the thousand: two numbers in a frame that was encoded before. */
function encodeLimited(id: number, retryAfterMs: number): Uint8Array {
  const frame = limitedFrame.slice();
  writeUint32(frame, LIMITED_ID_AT, id);
  // The last field.
  writeUint32(frame, frame.length - 4, retryAfterMs);
  return frame;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i += 1) bytes[at + i] = (value >>> (24 - 8 * i)) & 0xff;
}

/** One room of the reply to `enter`, with its presence encoded by encodePresence(). */
export type EnteredEntry = Omit<ReplyBody<'enter'>['rooms'][number], 'presence'> & {
  readonly presence?: Uint8Array;
};

/** Who is online in a room: the same bytes in the reply to everybody who enters at one version of it. */
export function encodePresence(presence: RoomPresence): Uint8Array {
  return encode(roomPresence.pack(presence));
}

/** The same bytes as encodeReply('enter', …) gives, without encoding what is encoded already. */
export function encodeEnterReply(id: number, entries: readonly EnteredEntry[]): Uint8Array {
  const frame = [encode([REPLY_OK, id, { rooms: [] }]).subarray(0, -1), arrayHead(entries.length)];
  for (const { presence, ...rest } of entries) {
    const fields = encode(enteredRoom.pack(rest));
    frame.push(fields);
    if (presence === undefined) continue;
    // It is the last field, and a map of so few has its length in the first byte.
    fields[0] = (fields[0] ?? 0) + 1;
    frame.push(presenceKey, presence);
  }
  return concatBytes(...frame);
}

const presenceKey = encode('presence');
const ARRAY_16 = 0xdc;
const FIX_ARRAY = 0x90;
const FIX_ARRAY_LENGTH_MAX = 15;

function arrayHead(length: number): Uint8Array {
  return length <= FIX_ARRAY_LENGTH_MAX
    ? Uint8Array.of(FIX_ARRAY | length)
    : Uint8Array.of(ARRAY_16, length >> 8, length & 0xff);
}

/** `deliver` is not among these: see deliverPrefix. */
export function encodeEvent<Name extends Exclude<EventName, 'deliver'>>(
  name: Name,
  body: EventBody<Name>,
): Uint8Array {
  const shape: Shape<unknown> = events[name].body;
  return encode([events[name].op, shape.pack(body)]);
}

export interface Delivery {
  readonly room: RoomId;
  readonly seq: number;
  readonly at: number;
  readonly from: UserId;
  readonly header: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const ARRAY_OF_8 = 0x98;
const BIN_16_OF_WRAP = [0xc5, WRAP_BYTES >> 8, WRAP_BYTES & 0xff] as const;
const BIN_8_EMPTY = [0xc4, 0] as const;

/**
 * A `deliver` frame up to its last element's bytes: the same for every recipient. A recipient's frame is this and then
 * its WRAP_BYTES; in a suite without wraps it is this alone.
 */
export function deliverPrefix(delivery: Delivery, hasWraps: boolean): Uint8Array {
  const { room, seq, at, from, header, ciphertext } = delivery;
  const shared = encode([events.deliver.op, idBytes(room), seq, at, idBytes(from), header, ciphertext]);
  const tail = hasWraps ? BIN_16_OF_WRAP : BIN_8_EMPTY;
  const prefix = new Uint8Array(shared.length + tail.length);
  prefix.set(shared);
  prefix[0] = ARRAY_OF_8;
  prefix.set(tail, shared.length);
  return prefix;
}

/** What stands first in a request, `[operation, id, …]`. */
export interface RequestHead {
  readonly operation: number;
  readonly id: number;
}

/**
 * Reads no more than the first bytes of a frame: enough to charge it and to answer it, before anything is decoded.
 * Undefined for a frame that cannot be a request, whatever follows.
 */
export function readRequestHead(frame: Uint8Array): RequestHead | undefined {
  const from = elementsFrom(frame);
  const operation = from === undefined ? undefined : readInteger(frame, from);
  if (operation === undefined || operation.value <= REPLY_ERROR || operation.value > REQUEST_OPERATION_MAX)
    return undefined;
  const id = readInteger(frame, operation.end);
  return id !== undefined && id.value <= REQUEST_ID_MAX
    ? { operation: operation.value, id: id.value }
    : undefined;
}

/** Behind the head of an array with two elements or more. */
function elementsFrom(frame: Uint8Array): number | undefined {
  const head = frame[0] ?? 0;
  if (head >= 0x92 && head <= 0x9f) return 1;
  if (head === 0xdc) return bigEndian(frame, 1, 2) >= 2 ? 3 : undefined;
  return head === 0xdd && bigEndian(frame, 1, 4) >= 2 ? 5 : undefined;
}

/** In any of the forms that MessagePack has for an integer of 0 or more. */
function readInteger(
  frame: Uint8Array,
  at: number,
): { readonly value: number; readonly end: number } | undefined {
  const head = frame[at];
  if (head === undefined) return undefined;
  if (head < 0x80) return { value: head, end: at + 1 };
  const isSigned = head >= 0xd0 && head <= 0xd3;
  if (!isSigned && !(head >= 0xcc && head <= 0xcf)) return undefined;
  const width = 1 << (head - (isSigned ? 0xd0 : 0xcc));
  const end = at + 1 + width;
  if (end > frame.length || (isSigned && (frame[at + 1] ?? 0) >= 0x80)) return undefined;
  return { value: bigEndian(frame, at + 1, width), end };
}

function bigEndian(frame: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = at; i < at + width; i += 1) value = value * 256 + (frame[i] ?? 0);
  return value;
}
