import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';
import { concatBytes } from '../../src/protocol/bytes.ts';
import { localError } from '../sdk/errors.ts';
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
} from '../sdk/storage/sealed-form.ts';

const UNPROTECTED_KEY = new Uint8Array(SEALED_KEY_BYTES);

/** What a passphrase gave for one file, kept in the passphrase's place: its 32 bytes open that file and its successors. */
export interface DerivedKey {
  readonly derived: Uint8Array;
}

/** `passphrase` undefined: by explicit choice, unprotected. */
export async function seal(
  kind: SealedKind,
  content: Uint8Array,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  const header = newHeader(kind, passphrase !== undefined);
  return closed(header, content, await keyFor(header, passphrase));
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
  opening: string | DerivedKey | undefined,
): Promise<SealingKey> {
  const { header: known } = readSealed(kind, file);
  const key = typeof opening === 'object' ? opening.derived : await keyFor(known, opening);
  return {
    unseal: (later) => {
      if (!isSameSealing(readSealed(kind, later).header, known))
        throw localError('no_profile', 'key_file_replaced');
      return opened(kind, later, key);
    },
    seal: (content) => closed(headerAgain(known), content, key),
  };
}

/** The key that a passphrase gives for this file. Rejects with `wrong_passphrase` when it does not open it. */
export async function derivedKey(
  kind: SealedKind,
  file: Uint8Array,
  passphrase: string,
): Promise<DerivedKey> {
  const derived = await keyFor(readSealed(kind, file).header, passphrase);
  opened(kind, file, derived).fill(0);
  return { derived };
}

/** Whether a passphrase has to be asked for. Rejects what is no such file with `no_profile`. */
export async function needsPassphrase(kind: SealedKind, file: Uint8Array): Promise<boolean> {
  return readSealed(kind, file).header.isProtected;
}

/** Rejects with `wrong_passphrase`, also when the file is damaged: the two can't be told apart. */
export async function unseal(
  kind: SealedKind,
  file: Uint8Array,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  return opened(kind, file, await keyFor(readSealed(kind, file).header, passphrase));
}

async function keyFor(header: SealedHeader, passphrase: string | undefined): Promise<Uint8Array> {
  if (!header.isProtected) return UNPROTECTED_KEY;
  return keyOf(Buffer.from(normalizedPassphrase(passphrase), 'utf8'), header);
}

function closed(header: SealedHeader, content: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(header));
  cipher.setAAD(header.bytes);
  return concatBytes(header.bytes, cipher.update(content), cipher.final(), cipher.getAuthTag());
}

function opened(kind: SealedKind, file: Uint8Array, key: Uint8Array): Uint8Array {
  const { header, ciphertext, tag } = readSealed(kind, file);
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(header));
  decipher.setAAD(header.bytes);
  decipher.setAuthTag(tag);
  try {
    return concatBytes(decipher.update(ciphertext), decipher.final());
  } catch (error) {
    throw openingFault(kind, header, error);
  }
}

function keyOf(secret: Uint8Array, header: SealedHeader): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(secret, header.salt, SEALED_KEY_BYTES, scryptTerms(header), (error, key) => {
      secret.fill(0);
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}
