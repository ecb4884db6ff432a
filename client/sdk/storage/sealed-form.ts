import { concatBytes, sameBytes, utf8 } from '../../../src/protocol/bytes.ts';
import { randomBytes } from '../../crypto/web-crypto.ts';
import type { LocalFault } from '../../texts/texts.ts';
import { localError } from '../errors.ts';

/**
 * The form of key files and exports:
 *
 *     magic 8 | version 1 | protection 1 | log2(N) 1 | r 1 | p 1 | salt 32 | nonce 12 | AES-256-GCM(content) | tag 16
 *
 * Everything before the ciphertext is its associated data, so no byte of the file can change unnoticed. The key is
 * scrypt of the passphrase. Without a passphrase it is all zeros: no secrecy, the same check.
 */
export type SealedKind = 'keys' | 'export';

const magics: Readonly<Record<SealedKind, Uint8Array>> = { keys: utf8('CNCLKEYS'), export: utf8('CNCLEXPT') };
const damages = {
  keys: 'key_file_damaged',
  export: 'export_damaged',
} as const satisfies Readonly<Record<SealedKind, LocalFault>>;
const VERSION = 1;
const UNPROTECTED = 0;
const PASSPHRASE = 1;
const MAGIC_BYTES = 8;
const SALT_BYTES = 32;
const TAG_BYTES = 16;
export const SEALED_NONCE_BYTES = 12;
const HEADER_BYTES = MAGIC_BYTES + 5 + SALT_BYTES + SEALED_NONCE_BYTES;

/** 128 MiB and about half a second for each guess. */
const LOG2_N = 17;
const BLOCK_SIZE = 8;
const PARALLEL = 1;
export const SEALED_KEY_BYTES = 32;
/** A file from elsewhere can't make us spend more than this. */
const LOG2_N_MAX = 20;

export interface SealedHeader {
  readonly isProtected: boolean;
  /** scrypt's N. */
  readonly cost: number;
  readonly salt: Uint8Array;
  /** Differs from file to file only in the nonce at its end. */
  readonly bytes: Uint8Array;
}

/** A header with a salt and a nonce of its own. */
export function newHeader(kind: SealedKind, isProtected: boolean): SealedHeader {
  const salt = randomBytes(SALT_BYTES);
  const terms = isProtected ? [PASSPHRASE, LOG2_N, BLOCK_SIZE, PARALLEL] : [UNPROTECTED, 0, 0, 0];
  const nonce = randomBytes(SEALED_NONCE_BYTES);
  const bytes = concatBytes(magics[kind], Uint8Array.from([VERSION, ...terms]), salt, nonce);
  return { isProtected, cost: 2 ** LOG2_N, salt, bytes };
}

/** The same header with another nonce: what it seals opens with the same key. */
export function headerAgain({ bytes, ...header }: SealedHeader): SealedHeader {
  const kept = bytes.subarray(0, HEADER_BYTES - SEALED_NONCE_BYTES);
  return { ...header, bytes: concatBytes(kept, randomBytes(SEALED_NONCE_BYTES)) };
}

/** Whether a key that opened the one opens the other. */
export function isSameSealing(a: SealedHeader, b: SealedHeader): boolean {
  const end = HEADER_BYTES - SEALED_NONCE_BYTES;
  return sameBytes(a.bytes.subarray(0, end), b.bytes.subarray(0, end));
}

/** The nonce of a header. */
export function nonceOf({ bytes }: SealedHeader): Uint8Array {
  return bytes.subarray(HEADER_BYTES - SEALED_NONCE_BYTES);
}

/** Header, ciphertext and tag of a file. Throws `no_profile` for what is no such file, or of a newer release. */
export function readSealed(
  kind: SealedKind,
  file: Uint8Array,
): { readonly header: SealedHeader; readonly ciphertext: Uint8Array; readonly tag: Uint8Array } {
  const damaged = localError('no_profile', damages[kind]);
  if (file.length < HEADER_BYTES + TAG_BYTES || !sameBytes(file.subarray(0, MAGIC_BYTES), magics[kind]))
    throw damaged;
  const [version, protection = 0, log2N = 0, blockSize, parallel] = file.subarray(
    MAGIC_BYTES,
    MAGIC_BYTES + 5,
  );
  if (version !== VERSION) throw localError('no_profile', 'key_file_newer', { version });
  const known =
    protection === UNPROTECTED ||
    (protection === PASSPHRASE &&
      log2N >= 10 &&
      log2N <= LOG2_N_MAX &&
      blockSize === BLOCK_SIZE &&
      parallel === PARALLEL);
  if (!known) throw damaged;
  const salt = file.slice(MAGIC_BYTES + 5, MAGIC_BYTES + 5 + SALT_BYTES);
  const bytes = file.slice(0, HEADER_BYTES);
  return {
    header: { isProtected: protection === PASSPHRASE, cost: 2 ** log2N, salt, bytes },
    ciphertext: file.subarray(HEADER_BYTES, file.length - TAG_BYTES),
    tag: file.subarray(file.length - TAG_BYTES),
  };
}

/** What makes the key from a passphrase, as node:crypto and @noble/hashes name it. */
export function scryptTerms({ cost }: SealedHeader) {
  return { N: cost, r: BLOCK_SIZE, p: PARALLEL, maxmem: 256 * cost * BLOCK_SIZE };
}

/** Typed on another keyboard, the same letters may come composed differently. Throws `wrong_passphrase` if there is none. */
export function normalizedPassphrase(passphrase: string | undefined): string {
  if (passphrase === undefined) throw localError('wrong_passphrase', 'passphrase_missing');
  return passphrase.normalize('NFKC');
}

/** A tag that does not hold. Of a protected file, a wrong passphrase and damage can't be told apart. */
export function openingFault(kind: SealedKind, { isProtected }: SealedHeader, cause?: unknown): Error {
  return localError('wrong_passphrase', isProtected ? 'wrong_passphrase' : damages[kind], {}, cause);
}
