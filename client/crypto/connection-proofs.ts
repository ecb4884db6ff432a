import { joinSignatures } from '../../src/protocol/layouts/identity-signatures.ts';
import {
  type ChallengeFields,
  type ConnectionBinding,
  challengeAnswerInput,
  challengeLabel,
  registerInput,
  resumeInput,
  type SignedAct,
  signedActInput,
} from '../../src/protocol/layouts/session-proofs.ts';
import { type IdentityKeys, signWithBoth } from './identity-keys.ts';
import { ed25519Sign, hmacSha256, oaepDecrypt, sha256 } from './web-crypto.ts';

const CHALLENGE_SECRET_BYTES = 32;

/*
 * What a client proves to a server. In each `binding` and `fields`, `origin` is the address that this client dialled,
 * never one that it was told: that's what keeps a server in the middle from passing a proof on.
 */

/** The `proof` of `register`: 320 bytes, RSA-PSS then Ed25519. `document` is the identity document as transmitted. */
export async function proveRegistration(
  keys: IdentityKeys,
  binding: ConnectionBinding,
  document: Uint8Array,
): Promise<Uint8Array> {
  return joinSignatures(await signWithBoth(keys, registerInput(binding, await sha256(document))));
}

export type ChallengeAnswer =
  | { readonly ok: true /** 32 bytes. */; readonly mac: Uint8Array }
  /** It wasn't made for this key, name, address, connection and deadline. */
  | { readonly ok: false; readonly reason: 'challenge_does_not_open' };

/** The `mac` of `answer`. The secret itself never leaves this function. */
export async function answerChallenge(
  keys: Pick<IdentityKeys, 'rsaDecrypt'>,
  fields: ChallengeFields,
  challenge: Uint8Array,
): Promise<ChallengeAnswer> {
  const label = challengeLabel(fields);
  const secret = await oaepDecrypt(keys.rsaDecrypt, label, challenge, CHALLENGE_SECRET_BYTES);
  if (secret === undefined) return { ok: false, reason: 'challenge_does_not_open' };
  return { ok: true, mac: await hmacSha256(secret, challengeAnswerInput(fields)) };
}

/** The `signature` of `resume`: 64 bytes. */
export async function signResume(
  keys: IdentityKeys,
  binding: ConnectionBinding,
  token: Uint8Array,
): Promise<Uint8Array> {
  return ed25519Sign(keys.ed25519Sign, resumeInput(binding, await sha256(token)));
}

/** The `signature` of `logout`, `rotate` and `close-account`: 64 bytes by the key the session was opened with. */
export function signAct(keys: IdentityKeys, act: SignedAct, binding: ConnectionBinding): Promise<Uint8Array> {
  return ed25519Sign(keys.ed25519Sign, signedActInput(act, binding));
}
