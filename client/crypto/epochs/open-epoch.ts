import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { epochSignatureInput } from '../../../src/protocol/layouts/epoch-inputs.ts';
import {
  type EpochBody,
  type EpochRecord,
  parseEpochRecord,
} from '../../../src/protocol/layouts/epoch-record.ts';
import { type EpochWrap, parseEpochWrap } from '../../../src/protocol/layouts/epoch-wraps.ts';
import type { LeafPlace } from '../../../src/protocol/layouts/merkle-tree.ts';
import { identityOf } from '../open.ts';
import type { HeldEpoch, Reader } from '../suite.ts';
import { ed25519Verify, sha256 } from '../web-crypto.ts';
import { unwrapEpochKey, type WrapKeys } from './epoch-wrap.ts';
import { epochCommitment, heldParts } from './make-epoch.ts';
import { rootOfWrap } from './wrap-tree.ts';

/**
 * Every way in which an epoch does not open, in the order of the checks, and who alone can have caused it. `server`: an honest one
 * shows nothing like it. `committer`: signed by the member who made the epoch. `reader`: nobody is at fault.
 */
export const epochFaults = {
  malformed: 'server',
  unsupported_layout: 'reader',
  unsupported_suite: 'reader',
  unsupported_keying: 'reader',
  wrong_room: 'server',
  no_member: 'server',
  unknown_identity: 'server',
  replaced_identity: 'server',
  signature_differs: 'server',
  path_differs: 'server',
  wrap_malformed: 'committer',
  prekey_deleted: 'reader',
  roster_unknown: 'reader',
  wrap_does_not_open: 'committer',
  commitment_differs: 'committer',
  key_reused: 'committer',
} as const;

export type EpochFault = keyof typeof epochFaults;

/** Up to the check of the signature: a server alone may have made up all that such a record says. */
const unsignedFaults: ReadonlySet<string> = new Set(
  Object.keys(epochFaults).slice(0, Object.keys(epochFaults).indexOf('signature_differs') + 1),
);

/** Whether a member signed this record, as far as the reader can tell. */
export function isSignedByMember(opened: OpenedEpoch): boolean {
  return opened.ok || !unsignedFaults.has(opened.reason);
}

/** An epoch as the server handed it over; nothing of it is trusted. */
export interface ReceivedEpoch {
  readonly record: Uint8Array;
  readonly wrap: Uint8Array;
  /** Among the members at its roster version. Undefined when those are not known: then nobody is at fault for what does not open. */
  readonly place: LeafPlace | undefined;
  readonly path: Uint8Array;
}

export interface EpochReader extends Pick<Reader, 'acceptedIdentities'> {
  readonly user: UserId;
  readonly room: RoomId;
  /** The reader's, current ones first. */
  readonly keys: readonly Omit<WrapKeys, 'user'>[];
  /** Whether an epoch of another number in this room has this commitment. */
  isReused(commitment: Uint8Array, number: number): Promise<boolean>;
}

export type OpenedEpoch =
  | {
      readonly ok: true;
      readonly body: EpochBody;
      readonly held: HeldEpoch & { readonly key: Uint8Array };
      /** The week of the prekey with which it was wrapped for this reader. 0: its long-term key alone opens it. */
      readonly week: number;
    }
  | {
      readonly ok: false;
      readonly reason: EpochFault;
      /** What the record claims, when it could be read; proven only when the committer is at fault, or the reader. */
      readonly body: EpochBody | undefined;
    };

/** What a received epoch holds for this reader. Never throws for what a server sent; rejects when `reader` does. */
export async function openEpoch(received: ReceivedEpoch, reader: EpochReader): Promise<OpenedEpoch> {
  const parsed = parseEpochRecord(received.record);
  if (!parsed.ok) return { ok: false, reason: parsed.reason, body: undefined };
  const { body, bodyBytes } = parsed.record;
  const bodyHash = await sha256(bodyBytes);
  const fault = await faultOfServer(parsed.record, bodyHash, received, reader);
  if (fault !== undefined) return { ok: false, reason: fault, body };
  const unwrapping = await unwrapped(bodyHash, parseEpochWrap(body.keying, received.wrap), reader);
  if (typeof unwrapping === 'string') return { ok: false, reason: blamed(received, unwrapping), body };
  const { key, week } = unwrapping;
  // What was committed to is signed, so a key that fits is the one that was made, whatever way it came.
  if (!sameBytes(await epochCommitment(key, body.room), body.commitment))
    return { ok: false, reason: blamed(received, 'commitment_differs'), body };
  if (await reader.isReused(body.commitment, body.number)) return { ok: false, reason: 'key_reused', body };
  const held = { ...heldParts(body), recordHash: await sha256(received.record), key };
  return { ok: true, body, held, week };
}

/** Without a place in the tree, the server may have exchanged the wrap. */
function blamed({ place }: ReceivedEpoch, reason: EpochFault): EpochFault {
  return place === undefined ? 'roster_unknown' : reason;
}

/** Undefined: a member signed this record and, as far as that can be told, this wrap in it for this reader. */
async function faultOfServer(
  { body, root, signature }: EpochRecord,
  bodyHash: Uint8Array,
  { wrap, place, path }: ReceivedEpoch,
  reader: EpochReader,
): Promise<EpochFault | undefined> {
  if (body.room !== reader.room) return 'wrong_room';
  const { committer, committerFingerprint: senderFingerprint, rosterVersion } = body;
  const accepted = await reader.acceptedIdentities(committer, senderFingerprint, rosterVersion);
  if (accepted === 'no_member') return accepted;
  // A record has no position.
  const identity = identityOf({ senderFingerprint, rosterVersion }, 0, accepted);
  if (typeof identity === 'string') return identity;
  if (!(await ed25519Verify(identity.ed25519Verify, signature, epochSignatureInput(bodyHash, root))))
    return 'signature_differs';
  if (place === undefined) return undefined;
  const top = await rootOfWrap(reader.user, wrap, place, path);
  return top !== undefined && sameBytes(top, root) ? undefined : 'path_differs';
}

/** A wrap doesn't say which of the reader's keys it was made for, so those that were replaced are tried as well. */
async function unwrapped(
  bodyHash: Uint8Array,
  wrap: EpochWrap | undefined,
  { user, keys }: EpochReader,
): Promise<
  | { readonly key: Uint8Array; readonly week: number }
  | 'wrap_malformed'
  | 'prekey_deleted'
  | 'wrap_does_not_open'
> {
  if (wrap === undefined) return 'wrap_malformed';
  let isDeleted = wrap.keying === 2;
  for (const each of keys) {
    const key = await unwrapEpochKey(bodyHash, wrap, { ...each, user });
    if (key !== undefined) return { key, week: wrap.keying === 1 ? 0 : wrap.week };
    if (wrap.keying === 2 && (await each.prekeySeed(wrap.week)) !== undefined) isDeleted = false;
  }
  return isDeleted ? 'prekey_deleted' : 'wrap_does_not_open';
}
