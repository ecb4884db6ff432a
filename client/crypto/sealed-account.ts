import { concatBytes } from '../../src/protocol/bytes.ts';
import {
  backupKeyInfo,
  backupTokenInfo,
  padAccount,
  RECOVERY_SCRYPT,
  recoveryCodeBytes,
  recoverySalt,
  SEALED_NONCE_BYTES,
  unpadAccount,
} from '../../src/protocol/layouts/sealed-account.ts';
import type { FoldedName } from '../../src/protocol/names.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import type { RecoveryCode } from '../../src/protocol/recovery-code.ts';
import { RECOVERY_CODE_BYTES, recoveryCodeOf } from '../../src/protocol/recovery-code.ts';
import { aesGcmDecrypt, aesGcmEncrypt, hkdfSha256, randomBytes } from './web-crypto.ts';

const KEY_BYTES = 32;
/** The longest that the derivation keeps an event loop from its other work, in milliseconds. */
const TICK_MS = 20;

/** What a recovery code is turned into, 32 bytes each. */
export interface RecoveryKeys {
  readonly key: Uint8Array;
  /** Shown to the server; it stores only its hash. */
  readonly token: Uint8Array;
}

export function newRecoveryCode(): RecoveryCode {
  return recoveryCodeOf(randomBytes(RECOVERY_CODE_BYTES));
}

/** Takes about 0.1 to 0.3 s and 32 MiB. */
export async function recoveryKeys(
  code: RecoveryCode,
  origin: Origin,
  name: FoldedName,
): Promise<RecoveryKeys> {
  const { N, r, p, bytes: dkLen } = RECOVERY_SCRYPT;
  const { scryptAsync } = await import('@noble/hashes/scrypt.js');
  const cost = { N, r, p, dkLen, asyncTick: TICK_MS };
  const secret = await scryptAsync(recoveryCodeBytes(code), recoverySalt(origin, name), cost);
  const derived = (info: Uint8Array): Promise<Uint8Array> =>
    hkdfSha256(secret, new Uint8Array(0), info, KEY_BYTES);
  return { key: await derived(backupKeyInfo()), token: await derived(backupTokenInfo()) };
}

/** `nonce` for vectors only: each seal draws its own. Throws RangeError for content over its limit. */
export async function sealAccount(
  key: Uint8Array,
  context: Uint8Array,
  content: Uint8Array,
  nonce: Uint8Array = randomBytes(SEALED_NONCE_BYTES),
): Promise<Uint8Array> {
  return concatBytes(nonce, await aesGcmEncrypt(key, nonce, context, padAccount(content)));
}

/** Undefined when key, context and bytes do not belong together. */
export async function openSealedAccount(
  key: Uint8Array,
  context: Uint8Array,
  sealed: Uint8Array,
): Promise<Uint8Array | undefined> {
  const nonce = sealed.slice(0, SEALED_NONCE_BYTES);
  if (nonce.length < SEALED_NONCE_BYTES) return undefined;
  const padded = await aesGcmDecrypt(key, nonce, context, sealed.slice(SEALED_NONCE_BYTES));
  return padded === undefined ? undefined : unpadAccount(padded);
}
