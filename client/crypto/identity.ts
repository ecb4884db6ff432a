import { sameBytes } from '../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../src/protocol/entities.ts';
import type { Fingerprint } from '../../src/protocol/ids.ts';
import {
  encodeIdentityDocument,
  type IdentityDocument,
  parseIdentityDocument,
} from '../../src/protocol/layouts/identity-document.ts';
import {
  identitySignatureInput,
  joinSignatures,
  type SignaturePair,
  splitSignatures,
  successorSignatureInput,
} from '../../src/protocol/layouts/identity-signatures.ts';
import type { UserName } from '../../src/protocol/names.ts';
import { fingerprintOf, type IdentityKeys, signWithBoth } from './identity-keys.ts';
import {
  ed25519Verify,
  importEd25519Public,
  importRsaPublic,
  pssVerify,
  sha256,
  type WebKey,
} from './web-crypto.ts';

/** A document whose own two signatures hold. Whether it's the right person's is for pins and chains to say. */
export interface VerifiedIdentity {
  readonly document: IdentityDocument;
  /** H of the transmitted document, 32 bytes. */
  readonly documentHash: Uint8Array;
  readonly fingerprint: Fingerprint;
  /** By the keys before, not checked yet; undefined for sequence 0. */
  readonly predecessorSignatures: SignaturePair | undefined;
  readonly rsaEncrypt: WebKey;
  readonly rsaVerify: WebKey;
  readonly ed25519Verify: WebKey;
}

export type IdentityFault =
  | 'malformed'
  | 'unsupported_version'
  | 'signature_differs'
  /** The sequence doesn't follow, or the document before isn't the one named. */
  | 'not_a_successor'
  /** The keys before didn't sign. */
  | 'predecessor_signature_differs';

export type IdentityResult =
  | { readonly ok: true; readonly identity: VerifiedIdentity }
  | { readonly ok: false; readonly reason: IdentityFault };

export type ChainResult =
  | {
      readonly ok: true /** In the order given; the last is current. */;
      readonly identities: readonly VerifiedIdentity[];
    }
  | {
      readonly ok: false;
      readonly reason: IdentityFault /** Which document of the chain. */;
      readonly index: number;
    };

/** The identity that a new document replaces: its document as transmitted, and its keys. */
export interface Predecessor {
  readonly document: Uint8Array;
  readonly keys: IdentityKeys;
}

/**
 * Makes and signs a document: the account's first, or with `predecessor` the one that replaces it. `createdAt` is in
 * milliseconds since 1970. Throws when the predecessor's document isn't one.
 */
export async function signIdentity(
  keys: IdentityKeys,
  about: { readonly username: UserName; readonly createdAt: number },
  predecessor?: Predecessor,
): Promise<SignedIdentity> {
  const before = predecessor === undefined ? undefined : parseIdentityDocument(predecessor.document);
  if (before?.ok === false) throw new TypeError('the document to replace is not an identity document');
  const document = encodeIdentityDocument({
    username: about.username,
    rsaKey: keys.rsaKey,
    signingKey: keys.signingKey,
    sequence: before === undefined ? 0 : before.document.sequence + 1,
    previousHash: predecessor === undefined ? new Uint8Array(0) : await sha256(predecessor.document),
    createdAt: about.createdAt,
  });
  const documentHash = await sha256(document);
  const own = await signWithBoth(keys, identitySignatureInput(documentHash));
  if (predecessor === undefined) return { document, signatures: joinSignatures(own) };
  const former = await signWithBoth(predecessor.keys, successorSignatureInput(documentHash));
  return { document, signatures: joinSignatures(own, former) };
}

/** Parses a document and checks the signatures of its own two keys. Never throws. */
export async function verifyIdentity(signed: SignedIdentity): Promise<IdentityResult> {
  const parsed = parseIdentityDocument(signed.document);
  if (!parsed.ok) return parsed;
  const { document } = parsed;
  const pairs = splitSignatures(signed.signatures, document.sequence === 0 ? 1 : 2);
  const [own, predecessorSignatures] = pairs ?? [];
  if (own === undefined) return { ok: false, reason: 'malformed' };
  const documentHash = await sha256(signed.document);
  try {
    const rsa = await importRsaPublic(document.rsaKey);
    const identity: VerifiedIdentity = {
      document,
      documentHash,
      fingerprint: await fingerprintOf(document.rsaKey, document.signingKey),
      predecessorSignatures,
      rsaEncrypt: rsa.encrypt,
      rsaVerify: rsa.verify,
      ed25519Verify: await importEd25519Public(document.signingKey),
    };
    const holds = await bothHold(identity, own, identitySignatureInput(documentHash));
    return holds ? { ok: true, identity } : { ok: false, reason: 'signature_differs' };
  } catch {
    return { ok: false, reason: 'malformed' };
  }
}

/** Whether `next` replaces `before` by the will of the keys of `before`: undefined, or what is wrong. */
export async function successorFault(
  before: VerifiedIdentity,
  next: VerifiedIdentity,
): Promise<IdentityFault | undefined> {
  const follows =
    next.document.sequence === before.document.sequence + 1 &&
    sameBytes(next.document.previousHash, before.documentHash) &&
    next.document.username === before.document.username;
  if (!follows || next.predecessorSignatures === undefined) return 'not_a_successor';
  const input = successorSignatureInput(next.documentHash);
  return (await bothHold(before, next.predecessorSignatures, input))
    ? undefined
    : 'predecessor_signature_differs';
}

/**
 * Checks a chain of documents: each by its own keys, each but the first by the keys before. The first must follow `known`
 * (an accepted identity) or, without one, have sequence 0. An empty chain is in order.
 */
export async function verifyChain(
  chain: readonly SignedIdentity[],
  known?: VerifiedIdentity,
): Promise<ChainResult> {
  const identities: VerifiedIdentity[] = [];
  let before = known;
  for (const [index, signed] of chain.entries()) {
    const result = await verifyIdentity(signed);
    if (!result.ok) return { ...result, index };
    const fault =
      before === undefined ? firstFault(result.identity) : await successorFault(before, result.identity);
    if (fault !== undefined) return { ok: false, reason: fault, index };
    before = result.identity;
    identities.push(result.identity);
  }
  return { ok: true, identities };
}

function firstFault(identity: VerifiedIdentity): IdentityFault | undefined {
  return identity.document.sequence === 0 ? undefined : 'not_a_successor';
}

async function bothHold(
  identity: VerifiedIdentity,
  pair: SignaturePair,
  input: Uint8Array,
): Promise<boolean> {
  const [rsa, ed25519] = await Promise.all([
    pssVerify(identity.rsaVerify, pair.rsa, input),
    ed25519Verify(identity.ed25519Verify, pair.ed25519, input),
  ]);
  return rsa && ed25519;
}
