import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import {
  epochCommitInput,
  epochCommitKeyInfo,
  epochSignatureInput,
} from '../../../src/protocol/layouts/epoch-inputs.ts';
import {
  type EpochBody,
  encodeEpochBody,
  joinEpochRecord,
} from '../../../src/protocol/layouts/epoch-record.ts';
import { COMMITMENT_KEY_BYTES } from '../../../src/protocol/layouts/message-inputs.ts';
import { EPOCH_KEY_BYTES } from '../../../src/protocol/limits.ts';
import type { IdentityKeys } from '../identity-keys.ts';
import { inOrder, recipientsHash } from '../recipients.ts';
import type { HeldEpoch } from '../suite.ts';
import { ed25519Sign, hkdfSha256, hmacSha256, randomBytes, sha256 } from '../web-crypto.ts';
import { type Encapsulate, type EpochMember, type MadeWrap, wrapEpochKey } from './epoch-wrap.ts';
import { wrapTree } from './wrap-tree.ts';

/** Wraps that are being made at the same time: each holds the event loop for some milliseconds of ML-KEM. */
const WRAPS_AT_ONCE = 8;

export interface OutgoingEpoch extends Omit<EpochBody, 'recipients' | 'committerFingerprint' | 'commitment'> {
  /** The committer's. */
  readonly keys: IdentityKeys;
  /** All members at the roster version, the committer included, in any order. */
  readonly members: readonly EpochMember[];
}

export interface MadeEpoch {
  readonly record: Uint8Array;
  /** H(body) */
  readonly bodyHash: Uint8Array;
  /** The body's. */
  readonly commitment: Uint8Array;
  readonly held: HeldEpoch & { readonly key: Uint8Array };
  /** In ascending order of user id. */
  readonly wraps: readonly (MadeWrap & { readonly user: UserId })[];
}

/**
 * Draws a key and wraps it for every member; `onProgress` hears how many wraps there are so far, and what it throws ends the making.
 * Throws TypeError when a user is twice among the members, RangeError without any.
 */
export async function makeEpoch(
  epoch: OutgoingEpoch,
  onProgress: (done: number) => void = () => undefined,
  encapsulate?: Encapsulate,
): Promise<MadeEpoch> {
  const members = inOrder(epoch.members);
  const key = randomBytes(EPOCH_KEY_BYTES);
  const body: EpochBody = {
    ...epoch,
    recipients: await recipientsHash(members),
    committerFingerprint: epoch.keys.fingerprint,
    commitment: await epochCommitment(key, epoch.room),
  };
  const bodyBytes = encodeEpochBody(body);
  const bodyHash = await sha256(bodyBytes);
  const wraps: MadeEpoch['wraps'][number][] = [];
  for (let at = 0; at < members.length; at += WRAPS_AT_ONCE) {
    const some = members.slice(at, at + WRAPS_AT_ONCE).map(async (member) => {
      const wrap = await wrapEpochKey({ bodyHash, keying: epoch.keying }, member, key, encapsulate);
      return { ...wrap, user: member.user };
    });
    wraps.push(...(await Promise.all(some)));
    onProgress(wraps.length);
  }
  const { root } = await wrapTree(wraps);
  const signature = await ed25519Sign(epoch.keys.ed25519Sign, epochSignatureInput(bodyHash, root));
  const record = joinEpochRecord({ bodyBytes, root, signature });
  const held = { ...heldParts(body), recordHash: await sha256(record), key };
  return { record, bodyHash, commitment: body.commitment, held, wraps };
}

/** The parts of a body that messages have to agree with. */
export function heldParts({
  number,
  rosterVersion,
  recipients,
  passwordNumber,
}: EpochBody): Omit<HeldEpoch, 'recordHash' | 'key'> {
  return { number, rosterVersion, recipients, passwordNumber };
}

/** The body's `commitment` for a key in a room, 32 bytes. */
export async function epochCommitment(key: Uint8Array, room: RoomId): Promise<Uint8Array> {
  const commitKey = await hkdfSha256(key, new Uint8Array(0), epochCommitKeyInfo(), COMMITMENT_KEY_BYTES);
  return hmacSha256(commitKey, epochCommitInput(room));
}
