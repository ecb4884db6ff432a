import { randomBytes } from 'node:crypto';
import type { Greeting } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import type { Invitations } from '../core/invitations.ts';
import { verifyPair } from '../core/key-proofs.ts';
import type { RateGate } from '../core/rate-gate.ts';
import { sha256 } from '../core/server-hash.ts';
import type { ServiceLimits } from '../core/service-limits.ts';
import type { Account, IdentityStore } from '../ports/identity-store.ts';
import type { SignedIdentity } from '../protocol/entities.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { ID_BYTES, parseUserId, type UserId } from '../protocol/ids.ts';
import { type IdentityDocument, parseIdentityDocument } from '../protocol/layouts/identity-document.ts';
import { identitySignatureInput, splitSignatures } from '../protocol/layouts/identity-signatures.ts';
import { registerInput } from '../protocol/layouts/session-proofs.ts';
import { foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

interface RegistrationParts {
  readonly identities: IdentityStore;
  readonly invitations: Invitations;
  readonly gate: RateGate;
  readonly limits: ServiceLimits;
  readonly clock: WallClock;
}

/** New accounts. */
export class Registration {
  readonly #parts: RegistrationParts;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  async register(
    greeting: Greeting,
    address: string,
    body: RequestBody<'register'>,
  ): Promise<ReplyBody<'register'> | Refusal> {
    const { identities, invitations, gate, limits, clock } = this.#parts;
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
    const slowed = await gate.take('registrations_address', limits.rateRegistrationsAddress, address);
    if (slowed !== undefined) return slowed;
    if (!isProved(greeting, body, parsed.document)) return refuse('invalid_identity');
    const hash = sha256(body.identity.document);
    if (invite !== undefined && !(await invitations.claim(invite, hash))) return refuse('invite_needed');
    const account = newAccount(parsed.document, body.identity, clock.nowMs());
    if ((await identities.create(account)) === 'created') return { user: account.user };
    if (invite !== undefined && !(await this.#isHolder(account))) await invitations.giveBack(invite, hash);
    return refuse('name_taken');
  }

  /** An earlier try, whose answer was lost, made the account by this very document: then its invitation is used. */
  async #isHolder({ user, folded, identity }: Account): Promise<boolean> {
    const holder = await this.#parts.identities.byName(folded);
    if (holder === undefined || holder.user === user) return true;
    const [first] = await this.#parts.identities.chain(holder.user, 0, 1);
    return first !== undefined && Buffer.compare(first.document, identity.document) === 0;
  }
}

function newAccount(
  { username, sequence }: IdentityDocument,
  identity: SignedIdentity,
  createdAt: number,
): Account {
  const folded = foldName(username);
  const state = { closed: false, disabled: false };
  return { user: randomUserId(), name: username, folded, sequence, identity, createdAt, ...state };
}

/** A first document, signed by both of its keys, which were both used on this very connection. */
function isProved(greeting: Greeting, body: RequestBody<'register'>, document: IdentityDocument): boolean {
  const [signatures] = splitSignatures(body.identity.signatures, 1) ?? [];
  const [proof] = splitSignatures(body.proof, 1) ?? [];
  if (signatures === undefined || proof === undefined || document.sequence !== 0) return false;
  const hash = sha256(body.identity.document);
  return (
    verifyPair(document, identitySignatureInput(hash), signatures) &&
    verifyPair(document, registerInput(greeting, hash), proof)
  );
}

function randomUserId(): UserId {
  const user = parseUserId(new Uint8Array(randomBytes(ID_BYTES)));
  if (user === undefined) throw new TypeError('16 bytes are a user id');
  return user;
}
