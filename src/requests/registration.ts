import { hash } from 'node:crypto';
import { verifyPair } from '../core/account-proofs.ts';
import type { Greeting } from '../core/caller.ts';
import type { Core } from '../core/core.ts';
import { randomId } from '../lib/random-id.ts';
import type { Account, IdentityStore } from '../ports/identity-store.ts';
import type { SignedIdentity } from '../protocol/entities.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { parseUserId } from '../protocol/ids.ts';
import { type IdentityDocument, parseIdentityDocument } from '../protocol/layouts/identity-document.ts';
import { identitySignatureInput, splitSignatures } from '../protocol/layouts/identity-signatures.ts';
import { registerInput } from '../protocol/layouts/session-proofs.ts';
import { foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** A new account. */
export async function register(
  core: Core,
  greeting: Greeting,
  address: string,
  body: RequestBody<'register'>,
): Promise<ReplyBody<'register'> | Refusal> {
  const { stores, invitations, rates, limits, clock } = core;
  if (limits.registration === 'closed') {
    return refuse('forbidden', { message: 'this server takes no new accounts' });
  }
  const invite = limits.registration === 'invite' ? (body.invite ?? '') : undefined;
  if (invite === '') return refuse('invite_needed');
  const parsed = parseIdentityDocument(body.identity.document);
  if (!parsed.ok) {
    return refuse(parsed.reason === 'unsupported_version' ? 'unsupported_version' : 'invalid_identity');
  }
  // Guesses at codes are counted as registrations.
  const slowed = await rates.take('registrations_address', limits.rateRegistrationsAddress, address);
  if (slowed !== undefined) return slowed;
  if (!isProved(greeting, body, parsed.document)) return refuse('invalid_identity');
  const documentHash = hash('sha256', body.identity.document, 'buffer');
  if (invite !== undefined && !(await invitations.claim(invite, documentHash)))
    return refuse('invite_needed');
  const account = newAccount(parsed.document, body.identity, clock.nowMs());
  if ((await stores.identities.create(account)) === 'created') return { user: account.user };
  if (invite !== undefined && !(await isHolder(stores.identities, account)))
    await invitations.giveBack(invite, documentHash);
  return refuse('name_taken');
}

/** An earlier try, whose answer was lost, made the account by this very document: then its invitation is used. */
async function isHolder(store: IdentityStore, { user, folded, identity }: Account): Promise<boolean> {
  const holder = await store.byName(folded);
  if (holder === undefined || holder.user === user) return true;
  const [first] = await store.chain(holder.user, 0, 1);
  return first !== undefined && Buffer.compare(first.document, identity.document) === 0;
}

function newAccount(
  { username, sequence }: IdentityDocument,
  identity: SignedIdentity,
  createdAt: number,
): Account {
  const folded = foldName(username);
  const state = { closed: false, disabled: false };
  return { user: randomId(parseUserId), name: username, folded, sequence, identity, createdAt, ...state };
}

/** A first document, signed by both of its keys, which were both used on this very connection. */
function isProved(greeting: Greeting, body: RequestBody<'register'>, document: IdentityDocument): boolean {
  const [signatures] = splitSignatures(body.identity.signatures, 1) ?? [];
  const [proof] = splitSignatures(body.proof, 1) ?? [];
  if (signatures === undefined || proof === undefined || document.sequence !== 0) return false;
  const documentHash = hash('sha256', body.identity.document, 'buffer');
  return (
    verifyPair(document, identitySignatureInput(documentHash), signatures) &&
    verifyPair(document, registerInput(greeting, documentHash), proof)
  );
}
