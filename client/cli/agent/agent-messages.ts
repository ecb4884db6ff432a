import { encode } from '../../../src/protocol/message-pack.ts';
import { bytes, map, oneOf, optional, type Parsed, text, uint } from '../../../src/protocol/shape.ts';
import { parseRecord } from '../../sdk/storage/records.ts';
import { SEALED_KEY_BYTES } from '../../sdk/storage/sealed-form.ts';

/**
 * The talk of commands with an agent: one request and one answer a connection. Each is a frame, its length in two bytes,
 * big-endian, before a map in MessagePack. Later releases may add fields and answers; `key` and the key stay among equals.
 */
export const REQUEST_BYTES_MAX = 256;
export const ANSWER_BYTES_MAX = 512;
const LENGTH_BYTES = 2;
const RELEASE_CHARS_MAX = 64;

/** `release` is that of whoever sends it. */
const requestShape = map({ release: text(RELEASE_CHARS_MAX), wants: oneOf('key', 'status', 'stop') });
const answerShape = map({
  release: text(RELEASE_CHARS_MAX),
  /** The number of the agent's process. */
  process: uint(),
  /** Milliseconds since 1970. */
  endsAt: uint(),
  /** If `key` was wanted, by a command of the same release. */
  key: optional(bytes(SEALED_KEY_BYTES)),
});

export type AgentRequest = Parsed<typeof requestShape>;
export type AgentAnswer = Parsed<typeof answerShape>;

export const requestFrame = (request: AgentRequest): Uint8Array => frameOf(encode(request));
export const answerFrame = (answer: AgentAnswer): Uint8Array => frameOf(encode(answer));

/** Undefined: it is no request, or none that this release knows. */
export const parseRequest = (body: Uint8Array): AgentRequest | undefined => parseRecord(requestShape, body);
export const parseAnswer = (body: Uint8Array): AgentAnswer | undefined => parseRecord(answerShape, body);

/** The body of the frame that begins here; undefined while some of it is missing. Of one that is too long, 'too_long'. */
export function bodyOf(received: Buffer, bytesMax: number): Uint8Array | 'too_long' | undefined {
  if (received.length < LENGTH_BYTES) return undefined;
  const length = received.readUInt16BE(0);
  if (length > bytesMax) return 'too_long';
  return received.length < LENGTH_BYTES + length
    ? undefined
    : received.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
}

function frameOf(body: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(LENGTH_BYTES + body.length);
  frame.writeUInt16BE(body.length, 0);
  frame.set(body, LENGTH_BYTES);
  return frame;
}
