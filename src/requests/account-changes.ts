import { hash } from 'node:crypto';
import {
  accountOf,
  isSignedAct,
  type KnownAccount,
  openAccountOf,
  verifyPair,
} from '../core/account-proofs.ts';
import type { Caller, Greeting } from '../core/caller.ts';
import type { Core } from '../core/core.ts';
import { sameBytes } from '../protocol/bytes.ts';
import type { SignedIdentity } from '../protocol/entities.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { type IdentityDocument, parseIdentityDocument } from '../protocol/layouts/identity-document.ts';
import {
  identitySignatureInput,
  splitSignatures,
  successorSignatureInput,
} from '../protocol/layouts/identity-signatures.ts';
import { IDENTITY_CHAIN_MAX } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/* What a token alone does not allow: each carries a fresh signature by the key in force. */

/**
 * When it returns, no node accepts the revoked tokens any more, and every node got a `revoked` notice. Ending the session that
 * asked is left to the gateway, as with `rotate` and `closeAccount`.
 */
export async function logout(
  core: Core,
  greeting: Greeting,
  caller: Caller,
  body: RequestBody<'logout'>,
): Promise<ReplyBody<'logout'> | Refusal> {
  const { stores, revocations, rates, limits, clock } = core;
  const found = await openAccountOf(stores.identities, caller);
  if (isRefusal(found)) return found;
  const isEverywhere = body.everywhere === true;
  const act = isEverywhere ? 'logout-everywhere' : 'logout';
  if (!isSignedAct(found.document, act, greeting, body.signature)) return refuse('auth_failed');
  // Each leaves a revocation of its token. One everywhere takes the place of the one before, so it is never held back.
  const slowed = isEverywhere
    ? undefined
    : await rates.take('logouts_user', limits.rateLogoutsUser, caller.user);
  if (slowed !== undefined) return slowed;
  // The token may come from a node whose clock is ahead.
  const notBefore = Math.max(clock.nowMs(), caller.tokenIssuedAt) + 1;
  await revocations.revoke({ user: isEverywhere ? caller.user : caller.tokenId, notBefore });
  return {};
}

/**
 * When it is answered, the new document is in force and no node takes tokens of the keys before; rosters follow in the
 * background. Throws Unavailable, after which what was begun is completed by whoever finds it.
 */
export async function rotate(
  core: Core,
  greeting: Greeting,
  caller: Caller,
  { identity, signature }: RequestBody<'rotate'>,
): Promise<ReplyBody<'rotate'> | Refusal> {
  const { stores, rates, limits, clock, revocations, reconciler } = core;
  const parsed = parseIdentityDocument(identity.document);
  if (!parsed.ok) {
    return refuse(parsed.reason === 'unsupported_version' ? 'unsupported_version' : 'invalid_identity');
  }
  const slowed = await rates.take('rotations_user', limits.rateRotationsUser, caller.user);
  if (slowed !== undefined) return slowed;
  const before = await openAccountOf(stores.identities, caller);
  if (isRefusal(before)) return before;
  const { sequence } = parsed.document;
  if (sequence <= before.account.sequence) return overtaken();
  if (!isSignedAct(before.document, 'rotate', greeting, signature)) return refuse('auth_failed');
  if (!isSuccessor(before, identity, parsed.document)) return refuse('invalid_identity');
  if (sequence >= IDENTITY_CHAIN_MAX) {
    return refuse('too_large', { message: `an account has at most ${IDENTITY_CHAIN_MAX} identities` });
  }
  // The caller's token may come from a node whose clock is ahead.
  const at = Math.max(clock.nowMs(), caller.tokenIssuedAt) + 1;
  const { user } = caller;
  if ((await stores.identities.replace({ user, sequence, identity, at })) === 'conflict') return overtaken();
  try {
    // Read again: until the document was replaced, a login with the keys before still got a token.
    await revocations.revoke({ user, notBefore: Math.max(clock.nowMs() + 1, at) });
  } finally {
    reconciler.follow(user);
  }
  return {};
}

/**
 * When it is answered, nobody logs in or resumes as this user any more; its memberships end in the background. Throws
 * Unavailable, after which what was begun is completed by whoever finds it, or by asking again.
 */
export async function closeAccount(
  core: Core,
  greeting: Greeting,
  caller: Caller,
  { signature }: RequestBody<'close-account'>,
): Promise<ReplyBody<'close-account'> | Refusal> {
  const { stores, revocations, reconciler, clock } = core;
  const found = await accountOf(stores.identities, caller);
  if (isRefusal(found)) return found;
  if (!isSignedAct(found.document, 'close-account', greeting, signature)) return refuse('auth_failed');
  const { user } = caller;
  const at = Math.max(clock.nowMs(), caller.tokenIssuedAt) + 1;
  await stores.identities.close(user, at);
  try {
    await revocations.revoke({ user, notBefore: Math.max(clock.nowMs() + 1, at) }, 'account_closed');
  } finally {
    reconciler.follow(user);
  }
  return {};
}

function overtaken(): Refusal {
  return refuse('conflict', { message: 'other keys took the place of the present ones first' });
}

/** Signed by both of its own keys and by both of those before, it names the same user and the document that it replaces. */
function isSuccessor(
  { account, document: before }: KnownAccount,
  { document: bytes, signatures }: SignedIdentity,
  next: IdentityDocument,
): boolean {
  const [own, former] = splitSignatures(signatures, 2) ?? [];
  if (own === undefined || former === undefined) return false;
  const follows =
    next.sequence === account.sequence + 1 &&
    next.username === account.name &&
    sameBytes(next.previousHash, hash('sha256', account.identity.document, 'buffer'));
  // A key that stays would leave to the old one's thief what the rotation takes from them.
  const isNew = !sameBytes(next.rsaKey, before.rsaKey) && !sameBytes(next.signingKey, before.signingKey);
  if (!follows || !isNew) return false;
  const documentHash = hash('sha256', bytes, 'buffer');
  return (
    verifyPair(next, identitySignatureInput(documentHash), own) &&
    verifyPair(before, successorSignatureInput(documentHash), former)
  );
}
