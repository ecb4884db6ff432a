import { concatBytes, utf8 } from '../../../src/protocol/bytes.ts';
import { localError } from '../../sdk/errors.ts';
import {
  headerAgain,
  isSameSealing,
  newHeader,
  nonceOf,
  normalizedPassphrase,
  openingFault,
  readSealed,
  SEALED_KEY_BYTES,
  type SealedHeader,
  type SealedKind,
  scryptTerms,
} from '../../sdk/storage/sealed-form.ts';
import { RecordCipher } from './record-cipher.ts';

/** The page draws and answers between two slices of the work. */
const SLICE_MS = 12;

/** Key files and exports in the form of the command line, with what a browser has. */
export class Sealing {
  readonly #kind: SealedKind;
  readonly #header: SealedHeader;
  readonly #cipher: RecordCipher;

  private constructor(kind: SealedKind, header: SealedHeader, cipher: RecordCipher) {
    this.#kind = kind;
    this.#header = header;
    this.#cipher = cipher;
  }

  /** A key for something new. `passphrase` undefined: by explicit choice, unprotected. */
  static async new(kind: SealedKind, passphrase: string | undefined): Promise<Sealing> {
    const header = newHeader(kind, passphrase !== undefined);
    return new Sealing(kind, header, await cipherOf(header, passphrase));
  }

  /** The key of what is there. Whether it fits shows when something is unsealed. */
  static async of(kind: SealedKind, file: Uint8Array, passphrase: string | undefined): Promise<Sealing> {
    const { header } = readSealed(kind, file);
    return new Sealing(kind, header, await cipherOf(header, passphrase));
  }

  /** The whole file, with a nonce of its own. */
  async seal(content: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const header = headerAgain(this.#header);
    const iv = new Uint8Array(nonceOf(header));
    const sealed = await this.#cipher.encrypt(iv, new Uint8Array(header.bytes), content);
    return concatBytes(header.bytes, sealed);
  }

  /** Rejects with `wrong_passphrase`, also when the file is damaged, and with `no_profile` what was sealed with another key. */
  async unseal(file: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { header, ciphertext, tag } = readSealed(this.#kind, file);
    if (!isSameSealing(header, this.#header)) throw localError('no_profile', 'key_file_replaced');
    const iv = new Uint8Array(nonceOf(header));
    try {
      return await this.#cipher.decrypt(iv, new Uint8Array(header.bytes), concatBytes(ciphertext, tag));
    } catch (error) {
      throw openingFault(this.#kind, header, error);
    }
  }
}

async function cipherOf(header: SealedHeader, passphrase: string | undefined): Promise<RecordCipher> {
  const key = await keyOf(header, passphrase);
  try {
    return await RecordCipher.of(key);
  } finally {
    key.fill(0);
  }
}

async function keyOf(header: SealedHeader, passphrase: string | undefined): Promise<Uint8Array> {
  if (!header.isProtected) return new Uint8Array(SEALED_KEY_BYTES);
  // Needed by nobody before an account is opened.
  const { scryptAsync } = await import('@noble/hashes/scrypt.js');
  const secret = utf8(normalizedPassphrase(passphrase));
  const terms = { ...scryptTerms(header), dkLen: SEALED_KEY_BYTES, asyncTick: SLICE_MS };
  try {
    return await scryptAsync(secret, header.salt, terms);
  } finally {
    secret.fill(0);
  }
}
