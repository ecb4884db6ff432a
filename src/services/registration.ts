import { randomBytes } from 'node:crypto';
import type { IdentityStore } from '../ports/identity-store.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { ID_BYTES, parseUserId, type UserId } from '../protocol/ids.ts';
import { type IdentityDocument, parseIdentityDocument } from '../protocol/layouts/identity-document.ts';
import { identitySignatureInput, splitSignatures } from '../protocol/layouts/identity-signatures.ts';
import { registerInput } from '../protocol/layouts/session-proofs.ts';
import { foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';
import type { Greeting } from './caller.ts';
import { verifyPair } from './key-proofs.ts';
import type { RateGate } from './rate-gate.ts';
import { sha256 } from './server-hash.ts';
import type { ServiceLimits } from './service-limits.ts';
import type { WallClock } from './service-parts.ts';

/** New accounts. */
export class Registration {
  readonly #identities: IdentityStore;
  readonly #gate: RateGate;
  readonly #limits: ServiceLimits;
  readonly #clock: WallClock;

  constructor(identities: IdentityStore, gate: RateGate, limits: ServiceLimits, clock: WallClock) {
    this.#identities = identities;
    this.#gate = gate;
    this.#limits = limits;
    this.#clock = clock;
  }

  async register(
    greeting: Greeting,
    address: string,
    body: RequestBody<'register'>,
  ): Promise<ReplyBody<'register'> | Refusal> {
    if (this.#limits.registration === 'closed') {
      return refuse('forbidden', { message: 'this server takes no new accounts' });
    }
    const parsed = parseIdentityDocument(body.identity.document);
    if (!parsed.ok) {
      return refuse(parsed.reason === 'unsupported_version' ? 'unsupported_version' : 'invalid_identity');
    }
    const slowed = await this.#gate.take(
      'registrations_address',
      this.#limits.rateRegistrationsAddress,
      address,
    );
    if (slowed !== undefined) return slowed;
    if (!isProved(greeting, body, parsed.document)) return refuse('invalid_identity');
    const { username, sequence } = parsed.document;
    const user = randomUserId();
    const folded = foldName(username);
    const createdAt = this.#clock.nowMs();
    const account = {
      user,
      name: username,
      folded,
      sequence,
      identity: body.identity,
      createdAt,
      closed: false,
      disabled: false,
    };
    return (await this.#identities.create(account)) === 'created' ? { user } : refuse('name_taken');
  }
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
