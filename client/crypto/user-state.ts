import {
  joinSealedState,
  padUserState,
  splitSealedState,
  USER_STATE_NONCE_BYTES,
  type UserStatePlace,
  unpadUserState,
  userStateContext,
  userStateKeyInfo,
} from '../../src/protocol/layouts/user-state.ts';
import type { PrivateKeyBytes } from './identity-keys.ts';
import { aesGcmDecrypt, aesGcmEncrypt, hkdfSha256, randomBytes } from './web-crypto.ts';

const KEY_BYTES = 32;

/** 32 bytes: of one identity, the same on all devices of its user. */
export function userStateKey({ ed25519 }: Pick<PrivateKeyBytes, 'ed25519'>): Promise<Uint8Array> {
  return hkdfSha256(ed25519, new Uint8Array(0), userStateKeyInfo(), KEY_BYTES);
}

/** `nonce` for vectors only: each seal draws its own. Throws RangeError for content over its limit. */
export async function sealUserState(
  key: Uint8Array,
  place: UserStatePlace,
  content: Uint8Array,
  nonce: Uint8Array = randomBytes(USER_STATE_NONCE_BYTES),
): Promise<Uint8Array> {
  const ciphertext = await aesGcmEncrypt(key, nonce, userStateContext(place), padUserState(content));
  return joinSealedState(nonce, ciphertext);
}

/** `newer`: a later release sealed it. Undefined when key, place and bytes do not belong together. */
export async function openUserState(
  key: Uint8Array,
  place: UserStatePlace,
  sealed: Uint8Array,
): Promise<Uint8Array | 'newer' | undefined> {
  const split = splitSealedState(sealed);
  if (split === undefined || split === 'newer') return split;
  const padded = await aesGcmDecrypt(key, split.nonce, userStateContext(place), split.ciphertext);
  return padded === undefined ? undefined : unpadUserState(padded);
}
