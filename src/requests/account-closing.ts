import { accountOf, isSignedAct } from '../core/account-proofs.ts';
import type { AccountAftermath } from '../core/account-reconciler.ts';
import type { Caller, Greeting } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import type { RevocationBook } from '../core/revocation-list.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

interface AccountClosingParts {
  readonly identities: IdentityStore;
  readonly revocations: RevocationBook;
  readonly aftermath: AccountAftermath;
  readonly clock: WallClock;
}

/** The end of an account. */
export class AccountClosing {
  readonly #parts: AccountClosingParts;

  constructor(parts: AccountClosingParts) {
    this.#parts = parts;
  }

  /**
   * When it is answered, nobody logs in or resumes as this user any more; its memberships end in the background. Throws
   * Unavailable, after which what was begun is completed by whoever finds it, or by asking again.
   */
  async close(
    greeting: Greeting,
    caller: Caller,
    { signature }: RequestBody<'close-account'>,
  ): Promise<ReplyBody<'close-account'> | Refusal> {
    const { identities, revocations, aftermath, clock } = this.#parts;
    const found = await accountOf(identities, caller);
    if (isRefusal(found)) return found;
    if (!isSignedAct(found.document, 'close-account', greeting, signature)) return refuse('auth_failed');
    const { user } = caller;
    const at = Math.max(clock.nowMs(), caller.tokenIssuedAt) + 1;
    await identities.close(user, at);
    try {
      await revocations.revoke({ user, notBefore: Math.max(clock.nowMs() + 1, at) }, 'account_closed');
    } finally {
      aftermath.follow(user);
    }
    return {};
  }
}
