import { ED25519_SIGNATURE_BYTES } from '../limits.ts';

const PADDING_MARK = 0x80;
const SMALLEST_PLAINTEXT_BYTES = 64;
const PLAINTEXT_STEP_BYTES = 4096;

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
  return padTo(paddedContentBytes(content.length), content);
}

/** Takes the padding off again; undefined when it isn't exactly what padContent makes. */
export function unpadContent(padded: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  return unpad(padded, paddedContentBytes);
}

function paddedContentBytes(contentBytes: number): number {
  return paddedPlaintextBytes(contentBytes) - ED25519_SIGNATURE_BYTES;
}

/** Content, the mark and zeros. `bytes`: of all three. */
export function padTo(bytes: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(bytes);
  padded.set(content);
  padded[content.length] = PADDING_MARK;
  return padded;
}

/** What padTo() padded; undefined when content of that length is padded otherwise. */
export function unpad(
  padded: Uint8Array,
  paddedBytes: (contentBytes: number) => number,
): Uint8Array<ArrayBuffer> | undefined {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end -= 1;
  if (end < 0 || padded[end] !== PADDING_MARK || paddedBytes(end) !== padded.length) return undefined;
  return new Uint8Array(padded.subarray(0, end));
}
