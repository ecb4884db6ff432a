import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { concatBytes, sameBytes, utf8 } from '../../src/protocol/bytes.ts';
import { localError } from '../sdk/errors.ts';
import type { LocalFault } from '../texts/texts.ts';

/**
 * The form of key files and exports:
 *
 *     magic 8 | version 1 | protection 1 | log2(N) 1 | r 1 | p 1 | salt 32 | nonce 12 | AES-256-GCM(content) | tag 16
 *
 * Everything before the ciphertext is its associated data, so no byte of the file can change unnoticed. Without a
 * passphrase the key is all zeros: no secrecy, the same check.
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
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const UNPROTECTED_KEY = new Uint8Array(32);
const HEADER_BYTES = MAGIC_BYTES + 5 + SALT_BYTES + NONCE_BYTES;

/** 128 MiB and about half a second for each guess. */
const LOG2_N = 17;
const BLOCK_SIZE = 8;
const PARALLEL = 1;
/** A file from elsewhere can't make us spend more than this. */
const LOG2_N_MAX = 20;

/** `passphrase` undefined: by explicit choice, unprotected. */
export async function seal(
  kind: SealedKind,
  content: Uint8Array,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  const cost = passphrase === undefined ? [UNPROTECTED, 0, 0, 0] : [PASSPHRASE, LOG2_N, BLOCK_SIZE, PARALLEL];
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const header = concatBytes(magics[kind], Uint8Array.from([VERSION, ...cost]), salt, nonce);
  const key = passphrase === undefined ? UNPROTECTED_KEY : await keyOf(passphrase, salt, LOG2_N);
  return closed(header, content, key);
}

/** What opened a sealed file, for opening and sealing it again without the passphrase and its half second. */
export interface SealingKey {
  /** Rejects what is not sealed with this key: made anew meanwhile, or damaged. */
  unseal(file: Uint8Array): Uint8Array;
  /** The whole file, with a nonce of its own. */
  seal(content: Uint8Array): Uint8Array;
}

/** As `unseal`; the key works at once, so that it can be used while a lock is held. */
export async function sealingKeyOf(
  kind: SealedKind,
  file: Uint8Array,
  passphrase: string | undefined,
): Promise<SealingKey> {
  const known = headerOf(kind, file);
  const key = await keyFor(known, passphrase);
  const prefix = known.header.slice(0, HEADER_BYTES - NONCE_BYTES);
  return {
    unseal: (later) => {
      const { header } = headerOf(kind, later);
      if (!sameBytes(header.subarray(0, prefix.length), prefix))
        throw localError('no_profile', 'key_file_replaced');
      return opened(kind, later, key, known.protection);
    },
    seal: (content) => closed(concatBytes(prefix, randomBytes(NONCE_BYTES)), content, key),
  };
}

/** Whether a passphrase has to be asked for. Rejects what is no such file with `no_profile`. */
export async function needsPassphrase(kind: SealedKind, file: Uint8Array): Promise<boolean> {
  return headerOf(kind, file).protection === PASSPHRASE;
}

/** Rejects with `wrong_passphrase`, also when the file is damaged: the two can't be told apart. */
export async function unseal(
  kind: SealedKind,
  file: Uint8Array,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  const header = headerOf(kind, file);
  return opened(kind, file, await keyFor(header, passphrase), header.protection);
}

async function keyFor(
  { protection, salt, log2N }: Header,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  if (protection === UNPROTECTED) return UNPROTECTED_KEY;
  if (passphrase === undefined) throw localError('wrong_passphrase', 'passphrase_missing');
  return keyOf(passphrase, salt, log2N);
}

function closed(header: Uint8Array, content: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, header.subarray(HEADER_BYTES - NONCE_BYTES));
  cipher.setAAD(header);
  return concatBytes(header, cipher.update(content), cipher.final(), cipher.getAuthTag());
}

function opened(kind: SealedKind, file: Uint8Array, key: Uint8Array, protection: number): Uint8Array {
  const header = file.subarray(0, HEADER_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, header.subarray(HEADER_BYTES - NONCE_BYTES));
  decipher.setAAD(header);
  decipher.setAuthTag(file.subarray(file.length - TAG_BYTES));
  try {
    return concatBytes(
      decipher.update(file.subarray(HEADER_BYTES, file.length - TAG_BYTES)),
      decipher.final(),
    );
  } catch (error) {
    const fault = protection === PASSPHRASE ? 'wrong_passphrase' : damages[kind];
    throw localError('wrong_passphrase', fault, {}, error);
  }
}

interface Header {
  readonly protection: number;
  readonly log2N: number;
  readonly salt: Uint8Array;
  readonly header: Uint8Array;
}

function headerOf(kind: SealedKind, file: Uint8Array): Header {
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
  const salt = file.subarray(MAGIC_BYTES + 5, MAGIC_BYTES + 5 + SALT_BYTES);
  return {
    protection,
    log2N,
    salt,
    header: file.subarray(0, HEADER_BYTES),
  };
}

function keyOf(passphrase: string, salt: Uint8Array, log2N: number): Promise<Uint8Array> {
  const cost = 2 ** log2N;
  // Typed on another keyboard, the same letters may come composed differently.
  const secret = Buffer.from(passphrase.normalize('NFKC'), 'utf8');
  return new Promise((resolve, reject) => {
    scrypt(
      secret,
      salt,
      32,
      { N: cost, r: BLOCK_SIZE, p: PARALLEL, maxmem: 256 * cost * BLOCK_SIZE },
      (error, key) => {
        secret.fill(0);
        if (error === null) resolve(new Uint8Array(key));
        else reject(error);
      },
    );
  });
}
