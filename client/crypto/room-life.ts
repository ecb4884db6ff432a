import {
  encodeRoomLife,
  joinRoomLife,
  type RoomLife,
  roomLifeSignatureInput,
  type SignedRoomLife,
} from '../../src/protocol/layouts/room-life.ts';
import type { VerifiedIdentity } from './identity.ts';
import type { IdentityKeys } from './identity-keys.ts';
import { ed25519Sign, ed25519Verify, sha256 } from './web-crypto.ts';

export async function signRoomLife(
  keys: Pick<IdentityKeys, 'ed25519Sign' | 'fingerprint'>,
  life: Omit<RoomLife, 'fingerprint'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const document = encodeRoomLife({ ...life, fingerprint: keys.fingerprint });
  const signature = await ed25519Sign(keys.ed25519Sign, roomLifeSignatureInput(await sha256(document)));
  return joinRoomLife({ document, signature });
}

/** Whether this identity, and none with other keys, signed it. */
export async function isSignedBy(
  { life, document, signature }: SignedRoomLife,
  identity: Pick<VerifiedIdentity, 'ed25519Verify' | 'fingerprint'>,
): Promise<boolean> {
  if (life.fingerprint !== identity.fingerprint) return false;
  return ed25519Verify(identity.ed25519Verify, signature, roomLifeSignatureInput(await sha256(document)));
}
