import { utf8 } from '../bytes.ts';
import { ED25519_SIGNATURE_BYTES, TEXT_BYTES_MAX } from '../limits.ts';
import { decodeStrict, encode } from '../message-pack.ts';

/** What a message holds. Other types come with later versions. */
export interface TextContent {
  readonly type: 'text';
  readonly text: string;
}
export type Content = TextContent;

export type ParsedContent =
  | { readonly ok: true; readonly content: Content }
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown_type' };

const TYPE_TEXT = 0;
const PADDING_MARK = 0x80;
const SMALLEST_PLAINTEXT_BYTES = 64;
const PLAINTEXT_STEP_BYTES = 4096;

/** MessagePack array `[type, body]`; type 0 is a text of at most 16 KiB of UTF-8. Throws RangeError on a longer one. */
export function encodeContent(content: Content): Uint8Array<ArrayBuffer> {
  if (utf8(content.text).length > TEXT_BYTES_MAX)
    throw new RangeError('a text holds at most 16 KiB of UTF-8');
  return encode([TYPE_TEXT, content.text]);
}

/** Strict reading of unpadded content. Never throws. */
export function parseContent(bytes: Uint8Array): ParsedContent {
  const decoded = decodeStrict(bytes, { depthMax: 4, itemsMax: 1024 });
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 2)
    return { ok: false, reason: 'malformed' };
  const [type, body]: readonly unknown[] = decoded.value;
  if (!Number.isSafeInteger(type)) return { ok: false, reason: 'malformed' };
  if (type !== TYPE_TEXT) return { ok: false, reason: 'unknown_type' };
  if (typeof body !== 'string' || utf8(body).length > TEXT_BYTES_MAX)
    return { ok: false, reason: 'malformed' };
  return { ok: true, content: { type: 'text', text: body } };
}

/**
 * Length of the whole plaintext (64 bytes of signature, content, the mark 0x80, zeros) for content of this length: the
 * smallest fitting of 64, 128, … 4096, else the next multiple of 4096.
 */
export function paddedPlaintextBytes(contentBytes: number): number {
  const needed = ED25519_SIGNATURE_BYTES + contentBytes + 1;
  if (needed > PLAINTEXT_STEP_BYTES) return Math.ceil(needed / PLAINTEXT_STEP_BYTES) * PLAINTEXT_STEP_BYTES;
  let length = SMALLEST_PLAINTEXT_BYTES;
  while (length < needed) length *= 2;
  return length;
}

/** Content, 0x80 and zeros: everything of the plaintext after the signature. H(content) covers all of it. */
export function padContent(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(paddedPlaintextBytes(content.length) - ED25519_SIGNATURE_BYTES);
  padded.set(content);
  padded[content.length] = PADDING_MARK;
  return padded;
}

/** Takes the padding off again; undefined when it isn't exactly what padContent makes. */
export function unpadContent(padded: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end -= 1;
  if (end < 0 || padded[end] !== PADDING_MARK) return undefined;
  if (paddedPlaintextBytes(end) !== padded.length + ED25519_SIGNATURE_BYTES) return undefined;
  return new Uint8Array(padded.subarray(0, end));
}
