import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import { type Fingerprint, fingerprintBytes } from '../../../src/protocol/ids.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import { PERSON_KEYS_MAX, type PersonKey, type PersonRecord } from './person-record.ts';
import type { Trust } from './trust-level.ts';

/**
 * The rules of trust in a person's keys, without any storage or network: PROTOCOL.md section 11 draws them as a diagram.
 * Every decision about a key is one of these functions, applied to what the profile holds under its lock.
 *
 * - A key is accepted by being the first (`pin`), by the signatures of the accepted one (`follow`), or by a person's decision on
 *   exactly that key (`accept`). Nothing else the server says changes `current`.
 * - `keys` is one chain of signatures that ends in `current`. A decision without a signature begins a new chain: keys of the
 *   one before count for nothing from then on.
 * - `compared` is a fingerprint. Only `compare` sets it, and only to the current one.
 */

/** What the rules look at in an identity whose own signatures hold. */
export type ShownIdentity = Pick<VerifiedIdentity, 'document' | 'fingerprint'>;

/** `current`: the accepted key. `former`: it leads to the accepted key by signatures. `changed`: neither. */
export type Standing = 'current' | 'former' | 'changed';

/**
 * So long after new keys of a user were accepted a roster may still list the old ones: the server completes a rotation room
 * by room, at the latest when the node that began it is found dead.
 */
export const REPLACED_GRACE_MS = 60_000;

/** First contact: the key that is shown first. */
export function pin(name: UserName, signed: SignedIdentity, identity: ShownIdentity): PersonRecord {
  const key = keyOf(identity);
  return { name, current: signed, keys: [key], root: key.fingerprint, comparedBefore: false };
}

/** `ownsName`: the profile has this user as the owner of the name. */
export function standingOf(
  record: PersonRecord | undefined,
  ownsName: boolean,
  { document, fingerprint }: ShownIdentity,
): Standing {
  if (record === undefined || !ownsName || foldName(document.username) !== foldName(record.name))
    return 'changed';
  return standingOfKey(record, fingerprint);
}

function standingOfKey({ keys }: PersonRecord, fingerprint: Fingerprint): Standing {
  const at = keys.findIndex((key) => sameBytes(key.fingerprint, fingerprintBytes(fingerprint)));
  if (at < 0) return 'changed';
  return at === keys.length - 1 ? 'current' : 'former';
}

/** How far one key of a user is trusted. */
export function trustIn(record: PersonRecord | undefined, ownsName: boolean, key: Fingerprint): Trust {
  const standing = record === undefined || !ownsName ? 'changed' : standingOfKey(record, key);
  if (record === undefined || standing === 'changed') return 'changed';
  const wasCompared = record.compared !== undefined && sameBytes(record.compared, fingerprintBytes(key));
  if (standing === 'former') return wasCompared ? 'verified_before' : 'pinned';
  if (wasCompared) return 'verified';
  return record.compared !== undefined || record.comparedBefore ? 'verified_before' : 'pinned';
}

/** Whether rosters may still list a key that was replaced at `since`. Both times: milliseconds since 1970. */
export function isWithinGrace(since: number | undefined, now: number): boolean {
  return since !== undefined && Math.abs(now - since) <= REPLACED_GRACE_MS;
}

/** The key was the accepted one here; others of the chain were only proven to come before the first that was. */
export function wasCurrent({ keys, root }: PersonRecord, key: Fingerprint): boolean {
  const isKey = (other: Uint8Array | undefined, { fingerprint }: PersonKey): boolean =>
    other !== undefined && sameBytes(other, fingerprint);
  const at = keys.findIndex((known) => isKey(fingerprintBytes(key), known));
  return at >= 0 && at >= keys.findIndex((known) => isKey(root, known));
}

/** People compared the accepted key. */
export function isVerified({ compared, keys }: PersonRecord): boolean {
  const current = keys.at(-1)?.fingerprint;
  return compared !== undefined && current !== undefined && sameBytes(compared, current);
}

/** `steps` lead from the current identity to `signed`, each signed by the one before. `nowMs`: since 1970. */
export function follow(
  { pending: _explained, ...record }: PersonRecord,
  steps: readonly ShownIdentity[],
  signed: SignedIdentity,
  nowMs: number,
): PersonRecord {
  const keys = [...record.keys, ...steps.map(keyOf)].slice(-PERSON_KEYS_MAX);
  return { ...record, keys, current: signed, since: nowMs };
}

/** Identities before the oldest known one, proven by a chain of signatures to the current one. */
export function learnEarlier(record: PersonRecord, earlier: readonly ShownIdentity[]): PersonRecord {
  const fresh = earlier.filter(({ fingerprint }) => standingOfKey(record, fingerprint) === 'changed');
  return { ...record, keys: [...fresh.map(keyOf), ...record.keys].slice(-PERSON_KEYS_MAX) };
}

/** An identity or name that nothing explains waits for a person. Undefined when exactly it waits already. */
export function suspect(
  record: PersonRecord | undefined,
  name: UserName,
  signed: SignedIdentity,
): PersonRecord | undefined {
  if (record?.pending !== undefined && isSameShown(record.pending, { name, identity: signed }))
    return undefined;
  const known = record ?? { name, current: signed, keys: [], comparedBefore: false };
  return { ...known, pending: { name, identity: signed } };
}

/** A person accepts what waits, if it is `signed`, which they were shown. Undefined: something else waits by now. */
export function accept(
  record: PersonRecord,
  signed: SignedIdentity,
  identity: ShownIdentity,
): PersonRecord | undefined {
  const { pending } = record;
  if (pending === undefined || !sameBytes(pending.identity.document, signed.document)) return undefined;
  const key = keyOf(identity);
  return {
    name: pending.name,
    current: pending.identity,
    keys: [key],
    root: key.fingerprint,
    comparedBefore: record.comparedBefore || record.compared !== undefined,
  };
}

/** People compared this key. Undefined when it is not the current one. */
export function compare(record: PersonRecord, key: Fingerprint): PersonRecord | undefined {
  if (standingOfKey(record, key) !== 'current') return undefined;
  return { ...record, compared: fingerprintBytes(key), comparedBefore: false };
}

function keyOf({ fingerprint, document }: ShownIdentity): PersonKey {
  return {
    fingerprint: fingerprintBytes(fingerprint),
    sequence: document.sequence,
    created: document.createdAt,
  };
}

function isSameShown(
  one: NonNullable<PersonRecord['pending']>,
  other: NonNullable<PersonRecord['pending']>,
): boolean {
  return (
    foldName(one.name) === foldName(other.name) && sameBytes(one.identity.document, other.identity.document)
  );
}
