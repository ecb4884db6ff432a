import { concatBytes } from '../bytes.ts';
import { type FileId, ID_BYTES, idBytes } from '../ids.ts';
import { FILE_CHUNK_BYTES, FILE_TAG_BYTES } from '../limits.ts';
import { rawContext } from './context.ts';
import { GCM_NONCE_BYTES } from './message-inputs.ts';

/** Smaller files look like ones of this size. */
const PADDED_BYTES_MIN = 256;
const NUMBER_BYTES = 4;

/**
 * What a file of so many bytes is padded to with zeros before it is cut into chunks: Padmé (Nikitin et al., "Reducing Metadata Leakage
 * from Encrypted Files and Communication with PURBs", 2019, section 4). It adds at most 12 %, and leaves one bit of log log of the size.
 */
export function paddedFileBytes(size: number): number {
  const length = Math.max(size, PADDED_BYTES_MIN);
  const exponent = Math.floor(Math.log2(length));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - kept);
  return Math.ceil(length / step) * step;
}

/** What the chunks of a file of so many bytes add up to, encrypted and padded. */
export function storedFileBytes(size: number): number {
  const padded = paddedFileBytes(size);
  return padded + Math.ceil(padded / FILE_CHUNK_BYTES) * FILE_TAG_BYTES;
}

/** HKDF's salt for the key of all chunks: file id ‖ SHA-256 of the file. So no two contents share a key, whatever becomes of an upload. */
export function fileSalt(file: FileId, hash: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(idBytes(file), hash);
}

/** HKDF's `info`; its input key is the file's key. */
export function fileInfo(): Uint8Array<ArrayBuffer> {
  return rawContext('file');
}

/** The chunk's number, big endian, behind zeros. */
export function chunkNonce(number: number): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(GCM_NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(GCM_NONCE_BYTES - NUMBER_BYTES, number);
  return nonce;
}

/** The AEAD's associated data: context `file-chunk`, file id ‖ number as u32 big endian ‖ 1 for the last chunk, else 0. */
export function chunkData(file: FileId, number: number, isLast: boolean): Uint8Array<ArrayBuffer> {
  const fields = new Uint8Array(ID_BYTES + NUMBER_BYTES + 1);
  fields.set(idBytes(file));
  new DataView(fields.buffer).setUint32(ID_BYTES, number);
  fields[ID_BYTES + NUMBER_BYTES] = isLast ? 1 : 0;
  return rawContext('file-chunk', fields);
}
