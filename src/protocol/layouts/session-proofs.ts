import type { FoldedName } from '../names.ts';
import type { Origin } from '../origin.ts';
import { listContext } from './context.ts';

/** What ties a proof to one connection: the address that the client dialled and the nonces of both sides (32 bytes each). */
export interface ConnectionBinding {
  readonly origin: Origin;
  readonly clientNonce: Uint8Array;
  readonly serverNonce: Uint8Array;
}

/** Both keys of the new account sign `[origin, client nonce, server nonce, H(identity document)]`. */
export function registerInput(binding: ConnectionBinding, identityHash: Uint8Array): Uint8Array<ArrayBuffer> {
  return listContext('register', [binding.origin, binding.clientNonce, binding.serverNonce, identityHash]);
}

export interface ChallengeFields extends ConnectionBinding {
  readonly username: FoldedName;
  /** Milliseconds since 1970 UTC, at most 30 s ahead. */
  readonly expires: number;
}

/** The RSA-OAEP label of a login challenge. OAEP hashes its label, so no hash is taken before. */
export function challengeLabel(fields: ChallengeFields): Uint8Array<ArrayBuffer> {
  return listContext('login-challenge', challengeList(fields));
}

/** HMAC-SHA256 of this under the 32 secret bytes of the challenge is the answer. */
export function challengeAnswerInput(fields: ChallengeFields): Uint8Array<ArrayBuffer> {
  return listContext('login-answer', challengeList(fields));
}

function challengeList(fields: ChallengeFields): readonly (string | number | Uint8Array)[] {
  return [fields.origin, fields.username, fields.clientNonce, fields.serverNonce, fields.expires];
}

/** The signing key signs `[H(token), origin, client nonce, server nonce]`. */
export function resumeInput(binding: ConnectionBinding, tokenHash: Uint8Array): Uint8Array<ArrayBuffer> {
  return listContext('resume', [tokenHash, binding.origin, binding.clientNonce, binding.serverNonce]);
}

/** What an open session may not do on its token alone. */
export type SignedAct = 'logout' | 'logout-everywhere' | 'rotate' | 'close-account';

/** The signing key signs `[act, origin, client nonce, server nonce]`. */
export function signedActInput(act: SignedAct, binding: ConnectionBinding): Uint8Array<ArrayBuffer> {
  return listContext('act', [act, binding.origin, binding.clientNonce, binding.serverNonce]);
}
