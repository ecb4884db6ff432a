import {
  encodeInvitation,
  type Invitation,
  invitationSignatureInput,
  joinInvitation,
  parseInvitation,
} from '../../src/protocol/layouts/invitation.ts';
import type { VerifiedIdentity } from './identity.ts';
import type { IdentityKeys } from './identity-keys.ts';
import { ed25519Sign, ed25519Verify, sha256 } from './web-crypto.ts';

export async function signInvitation(
  keys: Pick<IdentityKeys, 'ed25519Sign'>,
  invitation: Invitation,
): Promise<Uint8Array<ArrayBuffer>> {
  const document = encodeInvitation(invitation);
  const signature = await ed25519Sign(keys.ed25519Sign, invitationSignatureInput(await sha256(document)));
  return joinInvitation({ document, signature });
}

/** Undefined when this identity did not sign it. */
export async function verifiedInvitation(
  letter: Uint8Array,
  identity: Pick<VerifiedIdentity, 'ed25519Verify'>,
): Promise<Invitation | undefined> {
  const signed = parseInvitation(letter);
  if (signed === undefined) return undefined;
  const input = invitationSignatureInput(await sha256(signed.document));
  const holds = await ed25519Verify(identity.ed25519Verify, signed.signature, input);
  return holds ? signed.invitation : undefined;
}
