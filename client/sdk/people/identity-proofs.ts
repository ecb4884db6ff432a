import { concatBytes, sameBytes, toHex } from '../../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import {
  type ChainResult,
  type IdentityResult,
  successorFault,
  type VerifiedIdentity,
  verifyChain,
  verifyIdentity,
} from '../../crypto/identity.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import type { Clock } from '../connection/clock.ts';
import type { PersonRecord } from './person-record.ts';

/** Documents whose signatures were checked, so that reading a roster again costs no signature checks. */
const VERIFIED_MAX = 8_192;
/** Users whose whole chains are kept; a key that is not in one is looked for again after CHAIN_FRESH_MS. */
const CHAINS_MAX = 1_024;
const CHAIN_FRESH_MS = 60_000;

export interface SignatureChecks {
  identity(signed: SignedIdentity): Promise<IdentityResult>;
  chain(chain: readonly SignedIdentity[], known?: VerifiedIdentity): Promise<ChainResult>;
  successor(before: VerifiedIdentity, next: VerifiedIdentity): ReturnType<typeof successorFault>;
}

export interface IdentityProofsOptions {
  /** The user's chain from a sequence on, as the server has it. */
  fetchChain(user: UserId, since: number): Promise<readonly SignedIdentity[]>;
  readonly clock: Pick<Clock, 'wallTime'>;
  /** A test may remember results. */
  readonly checks?: SignatureChecks;
}

interface ProvenChain {
  /** The accepted document that the chain was found to contain. */
  readonly accepted: Uint8Array;
  readonly readAt: number;
  readonly identities: readonly VerifiedIdentity[];
  readonly signed: readonly SignedIdentity[];
}

const ownChecks: SignatureChecks = {
  identity: verifyIdentity,
  chain: verifyChain,
  successor: successorFault,
};

/** What signatures say of identities, and nothing about who is believed. */
export class IdentityProofs {
  readonly #options: IdentityProofsOptions;
  readonly #checks: SignatureChecks;
  readonly #verified = new Map<string, Promise<VerifiedIdentity | undefined>>();
  readonly #chains = new Map<UserId, ProvenChain>();

  constructor(options: IdentityProofsOptions) {
    this.#options = options;
    this.#checks = options.checks ?? ownChecks;
  }

  /** Undefined when the document's own signatures don't hold. */
  async verified(signed: SignedIdentity): Promise<VerifiedIdentity | undefined> {
    const key = toHex(await sha256(concatBytes(signed.document, signed.signatures)));
    const known = this.#verified.get(key);
    if (known !== undefined) return known;
    const verified = this.#checks
      .identity(signed)
      .then((result) => (result.ok ? result.identity : undefined));
    this.#verified.set(key, verified);
    if (this.#verified.size > VERIFIED_MAX) this.#verified.delete(this.#verified.keys().next().value ?? key);
    return verified;
  }

  /** The accepted identity of a record; undefined while none was accepted. */
  async currentIn(record: PersonRecord | undefined): Promise<VerifiedIdentity | undefined> {
    return record === undefined || record.keys.length === 0 ? undefined : this.verified(record.current);
  }

  /** Every identity after `from` up to `to`, each signed by the one before; undefined when a link is missing. */
  async steps(
    user: UserId,
    from: VerifiedIdentity,
    to: VerifiedIdentity,
  ): Promise<readonly VerifiedIdentity[] | undefined> {
    const since = from.document.sequence + 1;
    if (to.document.sequence === since)
      return (await this.#checks.successor(from, to)) === undefined ? [to] : undefined;
    const chain = await this.#checks.chain(await this.#options.fetchChain(user, since), from);
    if (!chain.ok) return undefined;
    const end = chain.identities.findIndex(({ documentHash }) => sameBytes(documentHash, to.documentHash));
    return end < 0 ? undefined : chain.identities.slice(0, end + 1);
  }

  /** The identities before the accepted document of a user, if the server's chain that has this key leads to it. */
  async before(user: UserId, accepted: Uint8Array, key: Fingerprint): Promise<readonly VerifiedIdentity[]> {
    const { identities, signed } = await this.#chain(user, accepted, key);
    const end = signed.findIndex(({ document }) => sameBytes(document, accepted));
    return identities.slice(0, Math.max(end, 0));
  }

  /** The document with this key in a chain of the user that contains the accepted document. */
  async withKey(user: UserId, accepted: Uint8Array, key: Fingerprint): Promise<SignedIdentity | undefined> {
    const { identities, signed } = await this.#chain(user, accepted, key);
    const at = identities.findIndex(({ fingerprint }) => fingerprint === key);
    return at < 0 ? undefined : signed[at];
  }

  /** Empty when the server's chain does not hold link by link, or lacks the accepted document. */
  async #chain(user: UserId, accepted: Uint8Array, key: Fingerprint): Promise<ProvenChain> {
    const known = this.#chains.get(user);
    const now = this.#options.clock.wallTime();
    if (known !== undefined && sameBytes(known.accepted, accepted)) {
      const isFresh = Math.abs(now - known.readAt) < CHAIN_FRESH_MS;
      if (isFresh || known.identities.some(({ fingerprint }) => fingerprint === key)) return known;
    }
    const signed = await this.#options.fetchChain(user, 0);
    const verified = await this.#checks.chain(signed);
    const holds = verified.ok && signed.some(({ document }) => sameBytes(document, accepted));
    const found = holds ? { identities: verified.identities, signed } : { identities: [], signed: [] };
    const chain: ProvenChain = { accepted, readAt: now, ...found };
    this.#chains.delete(user);
    this.#chains.set(user, chain);
    if (this.#chains.size > CHAINS_MAX) this.#chains.delete(this.#chains.keys().next().value ?? user);
    return chain;
  }
}
