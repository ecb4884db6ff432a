import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { documentOf, encryptOaep, mayLogIn, verifyEd25519 } from '../core/account-proofs.ts';
import type { Greeting, Opened, PendingLogin } from '../core/caller.ts';
import type { Core } from '../core/core.ts';
import { tokenId } from '../core/resume-tokens.ts';
import type { Account } from '../ports/identity-store.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { UserId } from '../protocol/ids.ts';
import {
  type ChallengeFields,
  challengeAnswerInput,
  challengeLabel,
  resumeInput,
} from '../protocol/layouts/session-proofs.ts';
import { CHALLENGE_LIFE_MS } from '../protocol/limits.ts';
import { foldName, parseUserName } from '../protocol/names.ts';
import type { RequestBody } from '../protocol/requests.ts';

/*
 * The ways into a session: challenge and response, or a token of an earlier login. Known, unknown, closed and disabled names do
 * the same work and end in the same errors.
 */

const CHALLENGE_SECRET_BYTES = 32;

interface Challenge {
  readonly fields: ChallengeFields;
  readonly secret: Uint8Array;
  /** Undefined: there is no such account, or nobody may log in to it. */
  readonly account: Account | undefined;
  readonly signingKey: Uint8Array;
}

/** What pending logins hide. Taken out by the first answer. */
const challenges = new WeakMap<PendingLogin, Challenge>();

/** Known and unknown names take the same way and look the same. */
export async function beginLogin(
  core: Core,
  greeting: Greeting,
  address: string,
  body: RequestBody<'login'>,
): Promise<PendingLogin | Refusal> {
  const { rates, limits, stores, decoys, clock } = core;
  const name = parseUserName(body.username);
  if (name === undefined) return refuse('invalid_name');
  const folded = foldName(name);
  const slowed =
    (await rates.take('logins_address', limits.rateLoginsAddress, address)) ??
    (await rates.take('logins_name', limits.rateLoginsName, `${address}:${folded}`));
  if (slowed !== undefined) return slowed;
  const found = await stores.identities.byName(folded);
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
  challenges.set(pending, { fields, secret, account, signingKey: document.signingKey });
  return pending;
}

/**
 * One use: a second answer to the same challenge fails whatever it says, and so does one with keys that were replaced
 * since. Throws Unavailable.
 */
export async function finishLogin(
  core: Core,
  pending: PendingLogin,
  body: RequestBody<'answer'>,
): Promise<Opened | Refusal> {
  const { stores, tokens, reconciler, clock } = core;
  const challenge = challenges.get(pending);
  challenges.delete(pending);
  if (challenge === undefined) return refuse('auth_failed');
  const { fields, secret, account, signingKey } = challenge;
  const expected = createHmac('sha256', secret).update(challengeAnswerInput(fields)).digest();
  const isRight = body.mac.length === expected.length && timingSafeEqual(expected, body.mac);
  // Before the account is read: keys that are replaced, or an account that is closed, after that revoke what was issued now.
  const nowMs = clock.nowMs();
  if (!isRight || account === undefined || nowMs >= fields.expires) return refuse('auth_failed');
  const { user, name, sequence } = account;
  const [now] = await stores.identities.byIds([user]);
  if (now === undefined || !mayLogIn(now) || now.sequence !== sequence) return refuse('auth_failed');
  if (now.behindSince !== undefined) reconciler.follow(user);
  const content = { user, name, signingKey, identitySequence: sequence, issuedAt: nowMs };
  const { token, until } = tokens.issue(content);
  const reply = { user, name, token, until };
  return { user, name, tokenIssuedAt: nowMs, tokenId: tokenId(token), reply };
}

/** The token is handed back as it came, so that one login has one token, which one logout kills. Reads no store while the cache of revocations is complete. */
export async function resumeSession(
  core: Core,
  greeting: Greeting,
  body: RequestBody<'resume'>,
): Promise<Opened | Refusal> {
  const { tokens, revocations, clock } = core;
  const { token, signature } = body;
  const content = await tokens.verify(token, clock.nowMs());
  if (content === undefined) return refuse('auth_failed');
  const { user, name, signingKey, identitySequence, issuedAt, until } = content;
  if (!verifyEd25519(signingKey, resumeInput(greeting, hash('sha256', token, 'buffer')), signature))
    return refuse('auth_failed');
  const id = tokenId(token);
  if (await revocations.isRevoked([user, id], issuedAt)) return whyRevoked(core, user, identitySequence);
  return { user, name, tokenIssuedAt: issuedAt, tokenId: id, reply: { user, name, token, until } };
}

/** Who holds a token and signs with its key was this user once, and may learn what became of the keys. */
async function whyRevoked({ stores }: Core, user: UserId, identitySequence: number): Promise<Refusal> {
  const [account] = await stores.identities.byIds([user]);
  if (account?.closed === true) return refuse('auth_failed', { message: 'the account was closed' });
  const isOutdated = account !== undefined && account.sequence > identitySequence;
  return refuse(isOutdated ? 'keys_replaced' : 'auth_failed');
}
