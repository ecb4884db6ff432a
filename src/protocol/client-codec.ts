import { type ErrorName, errorNameOf } from './codes.ts';
import { errorReply } from './error-reply.ts';
import { type EventBody, type EventName, eventNameOf, events } from './events.ts';
import { frameCaps, isRequestId, REPLY_ERROR, REPLY_OK } from './frames.ts';
import { idBytes } from './ids.ts';
import { BATCH_BYTES_MAX, BATCH_FRAMES_MAX } from './limits.ts';
import { type Decoded, decodeOwn, decodeStrict, encode } from './message-pack.ts';
import { type ReplyBody, type RequestBody, type RequestName, type Requests, requests } from './requests.ts';
import { type ScanFault, scanValue } from './scan.ts';
import { Fault, type Parsed, type Shape } from './shape.ts';

/** The client's half of the codec: requests out, replies and events in. A hostile server's bytes never throw here. */

export function encodeRequest<Name extends RequestName>(
  name: Name,
  id: number,
  body: RequestBody<Name>,
): Uint8Array {
  if (name === 'send') {
    const { room, version, header, ciphertext, wraps } = body as RequestBody<'send'>;
    return encode([requests.send.op, id, idBytes(room), version, header, ciphertext, wraps]);
  }
  const shape: Shape<unknown> = requests[name].body;
  return encode([requests[name].op, id, shape.pack(body)]);
}

export type ServerEvent = {
  [Name in EventName]: { readonly name: Name; readonly body: EventBody<Name> };
}[EventName];

/** An error reply as a client sees it; `name` is undefined for a code of a newer server. */
export interface ErrorReplyReceived extends Omit<Parsed<typeof errorReply>, 'code'> {
  readonly name: ErrorName | undefined;
  readonly code: number;
}

export type DecodedFrame =
  | {
      readonly kind: 'reply';
      readonly id: number;
      readonly name: RequestName;
      readonly body: ReplyBody<RequestName>;
    }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorReplyReceived }
  | { readonly kind: 'event'; readonly event: ServerEvent }
  /** An event of a newer server, or a reply nobody waits for: skipped. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly reason: string };

const malformed = (reason: string): DecodedFrame => ({ kind: 'malformed', reason });

/**
 * Splits a server's message into its frames, as views of it: one frame, or the concatenated frames of a batch. They are scanned;
 * a fault in one of them refuses the whole message. Never throws.
 */
export function framesOfMessage(
  message: Uint8Array,
  takesBatches: boolean,
): readonly Uint8Array[] | ScanFault {
  const frames: Uint8Array[] = [];
  let at = 0;
  do {
    const end = scanValue(message, at, frameCaps);
    if (typeof end === 'string') return end;
    frames.push(message.subarray(at, end));
    at = end;
    if (at < message.length && !(takesBatches && message.length <= BATCH_BYTES_MAX)) return 'trailing_bytes';
    if (frames.length > BATCH_FRAMES_MAX) return 'too_many_items';
  } while (at < message.length);
  return frames;
}

/** Tells which open request an id belongs to. */
type RequestOf = (id: number) => RequestName | undefined;

/** Decodes all frames of a WebSocket message: one, or several for a client that asked for batches. */
export function decodeServerMessage(
  message: Uint8Array,
  requestOf: RequestOf,
  takesBatches: boolean,
): readonly DecodedFrame[] {
  const frames = framesOfMessage(message, takesBatches);
  if (typeof frames === 'string') return [malformed(frames)];
  return frames.map((frame) => frameOf(decodeOwn(frame, frameCaps), requestOf));
}

/** For callers that never ask for batches. */
export function decodeServerFrame(frame: Uint8Array, requestOf: RequestOf): DecodedFrame {
  return frameOf(decodeStrict(frame, frameCaps), requestOf);
}

function frameOf(decoded: Decoded, requestOf: RequestOf): DecodedFrame {
  if (!decoded.ok) return malformed(decoded.reason);
  if (!Array.isArray(decoded.value)) return malformed('not a frame');
  const elements: readonly unknown[] = decoded.value;
  const operation = elements[0];
  if (typeof operation !== 'number') return malformed('not a frame');
  if (operation === REPLY_OK || operation === REPLY_ERROR) return decodeReply(operation, elements, requestOf);
  const name = eventNameOf(operation);
  if (name === undefined) return { kind: 'unknown' };
  return name === 'deliver' ? decodeDeliver(elements) : decodeEvent(name, elements);
}

function decodeReply(operation: number, elements: readonly unknown[], requestOf: RequestOf): DecodedFrame {
  const [, id, packed] = elements;
  if (!isRequestId(id) || elements.length !== 3) return malformed('not a reply');
  const name = requestOf(id);
  if (name === undefined) return { kind: 'unknown' };
  if (operation === REPLY_ERROR) {
    const error = errorReply.parse(packed, 'lenient');
    return error instanceof Fault
      ? malformed(`error reply: ${error}`)
      : { kind: 'error', id, error: { ...error, name: errorNameOf(error.code) } };
  }
  const shape: Shape<unknown> = requests[name].reply;
  const body = shape.parse(packed, 'lenient');
  return body instanceof Fault
    ? malformed(`${name}: ${body}`)
    : { kind: 'reply', id, name, body: body as Parsed<Requests[RequestName]['reply']> };
}

function decodeDeliver(elements: readonly unknown[]): DecodedFrame {
  if (elements.length !== 8) return malformed('deliver has eight elements');
  const [, room, seq, at, from, header, ciphertext, wrap] = elements;
  const body = events.deliver.body.parse(
    { room, message: { seq, at, from, header, ciphertext, wrap } },
    'lenient',
  );
  return body instanceof Fault
    ? malformed(`deliver: ${body}`)
    : { kind: 'event', event: { name: 'deliver', body } };
}

function decodeEvent(name: EventName, elements: readonly unknown[]): DecodedFrame {
  const shape: Shape<unknown> = events[name].body;
  const body = shape.parse(elements[1], 'lenient');
  return body instanceof Fault
    ? malformed(`${name}: ${body}`)
    : { kind: 'event', event: { name, body } as ServerEvent };
}
