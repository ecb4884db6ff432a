import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { documentOf } from '../core/account-proofs.ts';
import type { AccountAftermath } from '../core/account-reconciler.ts';
import type { Opened, PendingLogin } from '../core/api.ts';
import type { Greeting } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import type { Decoys } from '../core/decoys.ts';
import { encryptOaep } from '../core/key-proofs.ts';
import type { RateGate } from '../core/rate-gate.ts';
import { type ResumeTokens, tokenMark } from '../core/resume-tokens.ts';
import type { ServiceLimits } from '../core/service-limits.ts';
import type { Account, IdentityStore } from '../ports/identity-store.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import {
  type ChallengeFields,
  challengeAnswerInput,
  challengeLabel,
} from '../protocol/layouts/session-proofs.ts';
import { CHALLENGE_LIFE_MS } from '../protocol/limits.ts';
import { foldName, parseUserName } from '../protocol/names.ts';
import type { RequestBody } from '../protocol/requests.ts';

const CHALLENGE_SECRET_BYTES = 32;

interface Challenge {
  readonly fields: ChallengeFields;
  readonly secret: Uint8Array;
  /** Undefined: there is no such account, or nobody may log in to it. */
  readonly account: Account | undefined;
  readonly signingKey: Uint8Array;
}

interface LoginParts {
  readonly identities: IdentityStore;
  readonly decoys: Decoys;
  readonly tokens: ResumeTokens;
  readonly gate: RateGate;
  readonly limits: ServiceLimits;
  readonly aftermath: AccountAftermath;
  readonly clock: WallClock;
}

/** Challenge and response. Known, unknown, closed and disabled names do the same work and end in the same errors. */
export class Login {
  readonly #parts: LoginParts;
  /** What pending logins hide. Taken out by the first answer. */
  readonly #challenges = new WeakMap<PendingLogin, Challenge>();

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  async challenge(
    greeting: Greeting,
    address: string,
    body: RequestBody<'login'>,
  ): Promise<PendingLogin | Refusal> {
    const { gate, limits, identities, decoys, clock } = this.#parts;
    const name = parseUserName(body.username);
    if (name === undefined) return refuse('invalid_name');
    const folded = foldName(name);
    const slowed =
      (await gate.take('logins_address', limits.rateLoginsAddress, address)) ??
      (await gate.take('logins_name', limits.rateLoginsName, `${address}:${folded}`));
    if (slowed !== undefined) return slowed;
    const found = await identities.byName(folded);
    const decoy = decoys.identityDocument(folded);
    const holder = found !== undefined && mayLogIn(found) ? found : undefined;
    const own = holder === undefined ? undefined : documentOf(holder.identity);
    // A document that this version refuses logs in as nobody.
    const account = own === undefined ? undefined : holder;
    const document = own ?? documentOf({ document: decoy });
    if (document === undefined) throw new TypeError('a decoy is no identity document');
    const { origin, clientNonce, serverNonce } = greeting;
    const expires = clock.nowMs() + CHALLENGE_LIFE_MS;
    const fields = { origin, clientNonce, serverNonce, username: folded, expires };
    const secret = new Uint8Array(randomBytes(CHALLENGE_SECRET_BYTES));
    const challenge = encryptOaep(document.rsaKey, secret, challengeLabel(fields));
    if (challenge === undefined) throw new TypeError('an identity document holds a key that is none');
    const pending: PendingLogin = { reply: { challenge, expires } };
    this.#challenges.set(pending, { fields, secret, account, signingKey: document.signingKey });
    return pending;
  }

  /**
   * One use: a second answer to the same challenge fails whatever it says, and so does one with keys that were replaced
   * since. Throws Unavailable.
   */
  async answer(pending: PendingLogin, body: RequestBody<'answer'>): Promise<Opened | Refusal> {
    const { identities, tokens, aftermath, clock } = this.#parts;
    const challenge = this.#challenges.get(pending);
    this.#challenges.delete(pending);
    if (challenge === undefined) return refuse('auth_failed');
    const { fields, secret, account, signingKey } = challenge;
    const expected = createHmac('sha256', secret).update(challengeAnswerInput(fields)).digest();
    const isRight = body.mac.length === expected.length && timingSafeEqual(expected, body.mac);
    // Before the account is read: keys that are replaced, or an account that is closed, after that revoke what was issued now.
    const nowMs = clock.nowMs();
    if (!isRight || account === undefined || nowMs >= fields.expires) return refuse('auth_failed');
    const { user, name, sequence } = account;
    const [now] = await identities.byIds([user]);
    if (now === undefined || !mayLogIn(now) || now.sequence !== sequence) return refuse('auth_failed');
    if (now.behindSince !== undefined) aftermath.follow(user);
    const content = { user, name, signingKey, identitySequence: sequence, issuedAt: nowMs };
    const { token, until } = tokens.issue(content);
    const reply = { user, name, token, until };
    return { user, name, tokenIssuedAt: nowMs, tokenMark: tokenMark(token), reply };
  }
}

function mayLogIn({ closed, disabled }: Account): boolean {
  return !closed && !disabled;
}
