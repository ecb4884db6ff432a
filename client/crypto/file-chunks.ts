import { sha256 as incrementalSha256 } from '@noble/hashes/sha2.js';
import type { FileId } from '../../src/protocol/ids.ts';
import { chunkData, chunkNonce, fileInfo, fileSalt } from '../../src/protocol/layouts/file-inputs.ts';
import { AES_KEY_BYTES } from '../../src/protocol/layouts/message-inputs.ts';
import { aesGcmDecrypt, aesGcmEncrypt, hkdfSha256 } from './web-crypto.ts';

/** What opens a file. `hash`: SHA-256 of all of it. */
export interface FileSecrets {
  readonly file: FileId;
  readonly key: Uint8Array;
  readonly hash: Uint8Array;
}

/** Where a chunk stands. */
export interface ChunkPlace {
  readonly number: number;
  readonly isLast: boolean;
}

/** Seals and opens the chunks of one file. */
export class FileCipher {
  readonly #file: FileId;
  readonly #chunkKey: Uint8Array;

  private constructor(file: FileId, chunkKey: Uint8Array) {
    this.#file = file;
    this.#chunkKey = chunkKey;
  }

  static async of({ file, key, hash }: FileSecrets): Promise<FileCipher> {
    return new FileCipher(file, await hkdfSha256(key, fileSalt(file, hash), fileInfo(), AES_KEY_BYTES));
  }

  /** A place has one plaintext: whoever seals another one there gives the key away. */
  seal({ number, isLast }: ChunkPlace, plaintext: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    return aesGcmEncrypt(
      this.#chunkKey,
      chunkNonce(number),
      chunkData(this.#file, number, isLast),
      plaintext,
    );
  }

  /** Undefined: it is not this chunk of this file. */
  open({ number, isLast }: ChunkPlace, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return aesGcmDecrypt(this.#chunkKey, chunkNonce(number), chunkData(this.#file, number, isLast), sealed);
  }
}

/** SHA-256 of what comes piece by piece, which Web Crypto does not have. */
export class RunningHash {
  readonly #hash = incrementalSha256.create();

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Ends it. */
  digest(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#hash.digest());
  }
}
