import { isSignedAct, openAccountOf } from '../core/account-proofs.ts';
import type { Opened } from '../core/api.ts';
import type { Caller, Greeting } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import { verifyEd25519 } from '../core/key-proofs.ts';
import type { RateGate } from '../core/rate-gate.ts';
import { type ResumeTokens, tokenMark } from '../core/resume-tokens.ts';
import type { RevocationBook } from '../core/revocation-list.ts';
import { sha256 } from '../core/server-hash.ts';
import type { ServiceLimits } from '../core/service-limits.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { UserId } from '../protocol/ids.ts';
import { resumeInput } from '../protocol/layouts/session-proofs.ts';
import { IDENTITY_CHAIN_PAGE_MAX } from '../protocol/limits.ts';
import { foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

interface AccountSessionsParts {
  readonly identities: IdentityStore;
  readonly tokens: ResumeTokens;
  readonly revocations: RevocationBook;
  readonly gate: RateGate;
  readonly limits: ServiceLimits;
  readonly clock: WallClock;
}

/** Sessions after their login: resuming, ending; and the documents by which accounts are known. */
export class AccountSessions {
  readonly #parts: AccountSessionsParts;

  constructor(parts: AccountSessionsParts) {
    this.#parts = parts;
  }

  /** The token is handed back as it came, so that one login has one token, which one logout kills. */
  async resume(greeting: Greeting, body: RequestBody<'resume'>): Promise<Opened | Refusal> {
    const { tokens, revocations, clock } = this.#parts;
    const { token, signature } = body;
    const content = await tokens.verify(token, clock.nowMs());
    if (content === undefined) return refuse('auth_failed');
    const { user, name, signingKey, identitySequence, issuedAt, until } = content;
    if (!verifyEd25519(signingKey, resumeInput(greeting, sha256(token)), signature))
      return refuse('auth_failed');
    const mark = tokenMark(token);
    if (await revocations.isRevoked([user, mark], issuedAt)) return this.#whyRevoked(user, identitySequence);
    return { user, name, tokenIssuedAt: issuedAt, tokenMark: mark, reply: { user, name, token, until } };
  }

  /** Who holds a token and signs with its key was this user once, and may learn what became of the keys. */
  async #whyRevoked(user: UserId, identitySequence: number): Promise<Refusal> {
    const [account] = await this.#parts.identities.byIds([user]);
    if (account?.closed === true) return refuse('auth_failed', { message: 'the account was closed' });
    const isOutdated = account !== undefined && account.sequence > identitySequence;
    return refuse(isOutdated ? 'keys_replaced' : 'auth_failed');
  }

  async logout(
    greeting: Greeting,
    caller: Caller,
    body: RequestBody<'logout'>,
  ): Promise<ReplyBody<'logout'> | Refusal> {
    const { identities, revocations, gate, limits, clock } = this.#parts;
    const found = await openAccountOf(identities, caller);
    if (isRefusal(found)) return found;
    const isEverywhere = body.everywhere === true;
    const act = isEverywhere ? 'logout-everywhere' : 'logout';
    if (!isSignedAct(found.document, act, greeting, body.signature)) return refuse('auth_failed');
    // Each leaves a revocation of its token. One everywhere takes the place of the one before, so it is never held back.
    const slowed = isEverywhere
      ? undefined
      : await gate.take('logouts_user', limits.rateLogoutsUser, caller.user);
    if (slowed !== undefined) return slowed;
    // The token may come from a node whose clock is ahead.
    const notBefore = Math.max(clock.nowMs(), caller.tokenIssuedAt) + 1;
    await revocations.revoke({ user: isEverywhere ? caller.user : caller.tokenMark, notBefore });
    return {};
  }

  async identity(_caller: Caller, body: RequestBody<'identity'>): Promise<ReplyBody<'identity'> | Refusal> {
    const { identities } = this.#parts;
    const { name } = body;
    if ((name === undefined) === (body.user === undefined)) {
      return refuse('bad_request', { message: 'identity: either name or user' });
    }
    const user = name === undefined ? body.user : (await identities.byName(foldName(name)))?.user;
    const since = body.since ?? 0;
    const found = user === undefined ? [] : await identities.chain(user, since, IDENTITY_CHAIN_PAGE_MAX + 1);
    if (user === undefined) return refuse('invalid_name', { message: 'nobody has this name' });
    if (found.length === 0 && (await identities.byIds([user])).length === 0) {
      return refuse('invalid_name', { message: 'nobody has this id' });
    }
    const chain = found.slice(0, IDENTITY_CHAIN_PAGE_MAX);
    return { user, chain, more: found.length > chain.length };
  }
}
