import type { Account, IdentityStore } from '../../ports/identity-store.ts';
import { isRefusal, type Refusal, refuse } from '../../protocol/error-reply.ts';
import { type IdentityDocument, parseIdentityDocument } from '../../protocol/layouts/identity-document.ts';
import { type SignedAct, signedActInput } from '../../protocol/layouts/session-proofs.ts';
import type { Caller, Greeting } from '../caller.ts';
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
  return account === undefined ? isClosed() : { account, document: documentOf(account) };
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

export function documentOf({ identity }: Account): IdentityDocument {
  const parsed = parseIdentityDocument(identity.document);
  if (!parsed.ok) throw new TypeError('an account holds a document that is none');
  return parsed.document;
}
