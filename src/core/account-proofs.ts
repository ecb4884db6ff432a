import type { Account, IdentityStore } from '../ports/identity-store.ts';
import type { SignedIdentity } from '../protocol/entities.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { type IdentityDocument, parseIdentityDocument } from '../protocol/layouts/identity-document.ts';
import { type SignedAct, signedActInput } from '../protocol/layouts/session-proofs.ts';
import type { Caller, Greeting } from './caller.ts';
import { verifyEd25519 } from './key-proofs.ts';

/** An account, with its document in force. */
export interface KnownAccount {
  readonly account: Account;
  readonly document: IdentityDocument;
}

const isClosed = (): Refusal => refuse('unauthenticated', { message: 'the account is closed' });

/** The caller's account as the store has it now, also a closed one. Throws Unavailable. */
export async function accountOf(identities: IdentityStore, caller: Caller): Promise<KnownAccount | Refusal> {
  const [account] = await identities.byIds([caller.user]);
  if (account === undefined) return isClosed();
  const document = documentOf(account.identity);
  return document === undefined ? refuse('invalid_identity') : { account, document };
}

/** As accountOf, but a closed one is refused. */
export async function openAccountOf(
  identities: IdentityStore,
  caller: Caller,
): Promise<KnownAccount | Refusal> {
  const found = await accountOf(identities, caller);
  return isRefusal(found) || !found.account.closed ? found : isClosed();
}

/** A token alone is not enough for some acts: the signing key in force signs them, for this connection. */
export function isSignedAct(
  { signingKey }: IdentityDocument,
  act: SignedAct,
  greeting: Greeting,
  signature: Uint8Array,
): boolean {
  return verifyEd25519(signingKey, signedActInput(act, greeting), signature);
}

/** Undefined for a document that an earlier version took and this one refuses. */
export function documentOf({ document }: Pick<SignedIdentity, 'document'>): IdentityDocument | undefined {
  const parsed = parseIdentityDocument(document);
  return parsed.ok ? parsed.document : undefined;
}
