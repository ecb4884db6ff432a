import { isSignedAct, type KnownAccount, openAccountOf } from '../core/account-proofs.ts';
import type { AccountAftermath } from '../core/account-reconciler.ts';
import type { Caller, Greeting } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import { verifyPair } from '../core/key-proofs.ts';
import type { RateGate } from '../core/rate-gate.ts';
import type { RevocationBook } from '../core/revocation-list.ts';
import { sha256 } from '../core/server-hash.ts';
import type { ServiceLimits } from '../core/service-limits.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
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

interface KeyRotationParts {
  readonly identities: IdentityStore;
  readonly revocations: RevocationBook;
  readonly aftermath: AccountAftermath;
  readonly gate: RateGate;
  readonly limits: ServiceLimits;
  readonly clock: WallClock;
}

/** New keys for an account, by the will of the ones before. */
export class KeyRotation {
  readonly #parts: KeyRotationParts;

  constructor(parts: KeyRotationParts) {
    this.#parts = parts;
  }

  /**
   * When it is answered, the new document is in force and no node takes tokens of the keys before; rosters follow in the
   * background. Throws Unavailable, after which what was begun is completed by whoever finds it.
   */
  async rotate(
    greeting: Greeting,
    caller: Caller,
    { identity, signature }: RequestBody<'rotate'>,
  ): Promise<ReplyBody<'rotate'> | Refusal> {
    const { identities, gate, limits, clock, revocations, aftermath } = this.#parts;
    const parsed = parseIdentityDocument(identity.document);
    if (!parsed.ok) {
      return refuse(parsed.reason === 'unsupported_version' ? 'unsupported_version' : 'invalid_identity');
    }
    const slowed = await gate.take('rotations_user', limits.rateRotationsUser, caller.user);
    if (slowed !== undefined) return slowed;
    const before = await openAccountOf(identities, caller);
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
    if ((await identities.replace({ user, sequence, identity, at })) === 'conflict') return overtaken();
    try {
      // Read again: until the document was replaced, a login with the keys before still got a token.
      await revocations.revoke({ user, notBefore: Math.max(clock.nowMs() + 1, at) });
    } finally {
      aftermath.follow(user);
    }
    return {};
  }
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
    sameBytes(next.previousHash, sha256(account.identity.document));
  // A key that stays would leave to the old one's thief what the rotation takes from them.
  const isNew = !sameBytes(next.rsaKey, before.rsaKey) && !sameBytes(next.signingKey, before.signingKey);
  if (!follows || !isNew) return false;
  const hash = sha256(bytes);
  return (
    verifyPair(next, identitySignatureInput(hash), own) &&
    verifyPair(before, successorSignatureInput(hash), former)
  );
}
