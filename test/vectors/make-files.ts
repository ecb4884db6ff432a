import { FileCipher } from '../../client/crypto/file-chunks.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { parseFileId } from '../../src/protocol/ids.ts';
import {
  chunkData,
  chunkNonce,
  fileInfo,
  fileSalt,
  paddedFileBytes,
  storedFileBytes,
} from '../../src/protocol/layouts/file-inputs.ts';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { present } from './vector-keys.ts';

const sizes = [
  0, 1, 255, 256, 257, 271, 272, 273, 1_000, 65_535, 65_536, 262_143, 262_144, 262_145, 300_000, 1_048_577,
  104_857_600, 1_073_741_823, 1_073_741_824, 17_179_869_183,
];

/** What a file of so many bytes holds in the vectors: byte i is i · 31 mod 251. */
const contentOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);

const file = present(parseFileId('0f'.repeat(16)));
const key = Uint8Array.from({ length: 32 }, (_, index) => 0x20 + index);

/** How files are padded, cut and sealed. Of chunks, the SHA-256 stands for the bytes. */
export async function fileVectors(): Promise<unknown> {
  return {
    padding: sizes.map((size) => ({ size, padded: paddedFileBytes(size), stored: storedFileBytes(size) })),
    file,
    key: toHex(key),
    info: toHex(fileInfo()),
    files: await Promise.all([0, 5, 300_000].map(sealed)),
  };
}

async function sealed(size: number) {
  const content = contentOf(size);
  const hash = await sha256(content);
  const padded = new Uint8Array(paddedFileBytes(size));
  padded.set(content);
  const cipher = await FileCipher.of({ file, key, hash });
  const count = Math.ceil(padded.length / FILE_CHUNK_BYTES);
  const chunks = Array.from({ length: count }, async (_, number) => {
    const isLast = number === count - 1;
    const plaintext = padded.subarray(number * FILE_CHUNK_BYTES, (number + 1) * FILE_CHUNK_BYTES);
    const bytes = await cipher.seal({ number, isLast }, plaintext);
    return {
      number,
      last: isLast,
      nonce: toHex(chunkNonce(number)),
      data: toHex(chunkData(file, number, isLast)),
      length: bytes.length,
      sealed_sha256: toHex(await sha256(bytes)),
    };
  });
  return { size, hash: toHex(hash), salt: toHex(fileSalt(file, hash)), chunks: await Promise.all(chunks) };
}
