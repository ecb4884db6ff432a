import { expect } from 'vitest';
import {
  type ChainResult,
  type IdentityResult,
  signIdentity,
  successorFault,
  type VerifiedIdentity,
  verifyIdentity,
} from '../../../client/crypto/identity.ts';
import type { IdentityKeys } from '../../../client/crypto/identity-keys.ts';
import type { SignatureChecks } from '../../../client/sdk/people/identity-proofs.ts';
import { toHex } from '../../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import { parseUserName } from '../../../src/protocol/names.ts';
import { newKeys } from '../new-keys.ts';

const name = (text: string) => parseUserName(text) ?? expect.unreachable();

/** One document, and the one whose keys really signed it as their successor. */
export interface Doc {
  readonly label: string;
  readonly signed: SignedIdentity;
  readonly identity: VerifiedIdentity;
  readonly parent: Doc | undefined;
}

async function makeDocs(): Promise<ReadonlyMap<string, Doc>> {
  const docs = new Map<string, Doc>();
  const keysOf = new Map<string, IdentityKeys>();
  /** `signer`: whose keys sign as those before; `before`: the document that is named as the one before. */
  const add = async (label: string, whose: string, before?: string, signer = before): Promise<void> => {
    const own = await newKeys();
    keysOf.set(label, own);
    const named = before === undefined ? undefined : docs.get(before);
    const signing = signer === undefined ? undefined : keysOf.get(signer);
    const predecessor =
      named === undefined || signing === undefined
        ? undefined
        : { document: named.signed.document, keys: signing };
    const signed = await signIdentity(own, { username: name(whose), createdAt: docs.size }, predecessor);
    const verified = await verifyIdentity(signed);
    if (!verified.ok) return expect.unreachable();
    docs.set(label, {
      label,
      signed,
      identity: verified.identity,
      parent: signer === before ? named : undefined,
    });
  };
  await add('B0', 'Bob');
  await add('B1', 'Bob', 'B0');
  await add('B2', 'Bob', 'B1');
  // What the server makes by itself, and what a thief of Bob's first keys signs.
  await add('F0', 'Bob');
  await add('F1', 'Bob', 'F0');
  await add('X1', 'Bob', 'B0', 'F0');
  await add('T1', 'Bob', 'B0');
  await add('C0', 'Carol');
  await add('C1', 'Carol', 'C0');
  return docs;
}

/** Bob's three, one by a thief of his first keys, those that a server makes up, and Carol's. */
const docs = await makeDocs();
export const doc = (label: string): Doc => docs.get(label) ?? expect.unreachable();
const byDocument = new Map([...docs.values()].map((one) => [toHex(one.signed.document), one]));
export const all: readonly Doc[] = [...docs.values()];

/** The real checks, each made once for each pair of documents: RSA and Ed25519 take most of the time otherwise. */
const successors = new Map<string, ReturnType<typeof successorFault>>();
export const known = (signed: SignedIdentity): Doc =>
  byDocument.get(toHex(signed.document)) ?? expect.unreachable();
export const checks: SignatureChecks = {
  identity: (signed): Promise<IdentityResult> =>
    Promise.resolve({ ok: true, identity: known(signed).identity }),
  successor: (before, next) => {
    const key = `${toHex(before.documentHash)}${toHex(next.documentHash)}`;
    const fault = successors.get(key) ?? successorFault(before, next);
    successors.set(key, fault);
    return fault;
  },
  chain: async (chain, from): Promise<ChainResult> => {
    const identities: VerifiedIdentity[] = [];
    let before = from;
    for (const [index, signed] of chain.entries()) {
      const { identity } = known(signed);
      const fault =
        before !== undefined
          ? await checks.successor(before, identity)
          : identity.document.sequence === 0
            ? undefined
            : 'not_a_successor';
      if (fault !== undefined) return { ok: false, reason: fault, index };
      identities.push(identity);
      before = identity;
    }
    return { ok: true, identities };
  },
};

export const isDescendant = (one: Doc | undefined, of: Doc): boolean =>
  one !== undefined && (one === of || isDescendant(one.parent, of));
