import { concatBytes, sameBytes } from '../bytes.ts';
import {
  type Fingerprint,
  fingerprintBytes,
  idBytes,
  parseFingerprint,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../ids.ts';
import { ED25519_SIGNATURE_BYTES, EPOCH_RECORD_BYTES_MAX, HASH_BYTES } from '../limits.ts';
import { decodeStrict, encode, isBytes, isCount } from '../message-pack.ts';
import { SUITE_TWO } from './message-header.ts';

const EPOCH_RECORD_LAYOUT = 1;

/** How an epoch's key is wrapped. 1: under RSA. 2: under RSA and X-Wing, so that one of them has to hold. */
export type Keying = 1 | 2;

/** Why an epoch was made. The number on the wire is the place in this list, from 1. */
export const epochReasons = ['membership', 'rotation', 'password', 'age', 'repair'] as const;
export type EpochReason = (typeof epochReasons)[number];

/** What an epoch's maker says of it openly, and what its wraps are bound to. MessagePack array, in this order after layout and suite. */
export interface EpochBody {
  readonly room: RoomId;
  /** From 1. */
  readonly number: number;
  readonly rosterVersion: number;
  /** SHA-256 of recipientsInput, 32 bytes. */
  readonly recipients: Uint8Array;
  /** Number of the room's password setting; 0 without one. */
  readonly passwordNumber: number;
  readonly keying: Keying;
  readonly committer: UserId;
  readonly committerFingerprint: Fingerprint;
  /** H(record) of the epoch before, 32 bytes; empty for number 1. */
  readonly previousHash: Uint8Array;
  /** 32 bytes: HMAC-SHA256 of epochCommitInput under a key made of the epoch's. */
  readonly commitment: Uint8Array;
  readonly reason: EpochReason;
  /** The committer's clock, milliseconds since 1970 UTC. */
  readonly madeAt: number;
}

/** A record as transmitted is `bodyBytes` ‖ `root` ‖ `signature`; H(record) is H of all of it. */
export interface EpochRecord {
  readonly body: EpochBody;
  readonly bodyBytes: Uint8Array;
  /** Top of the tree over the wraps, in ascending order of user id: 32 bytes. */
  readonly root: Uint8Array;
  /** The committer's, Ed25519, over epochSignatureInput: 64 bytes. */
  readonly signature: Uint8Array;
}

export type ParsedEpochRecord =
  | { readonly ok: true; readonly record: EpochRecord }
  | { readonly ok: false; readonly reason: EpochRecordFault };

export type EpochRecordFault =
  | 'malformed'
  | 'unsupported_layout'
  | 'unsupported_suite'
  | 'unsupported_keying';

export function encodeEpochBody(body: EpochBody): Uint8Array<ArrayBuffer> {
  return encode([
    EPOCH_RECORD_LAYOUT,
    SUITE_TWO,
    idBytes(body.room),
    body.number,
    body.rosterVersion,
    body.recipients,
    body.passwordNumber,
    body.keying,
    idBytes(body.committer),
    fingerprintBytes(body.committerFingerprint),
    body.previousHash,
    body.commitment,
    epochReasons.indexOf(body.reason) + 1,
    body.madeAt,
  ]);
}

export function joinEpochRecord({
  bodyBytes,
  root,
  signature,
}: Omit<EpochRecord, 'body'>): Uint8Array<ArrayBuffer> {
  return concatBytes(bodyBytes, root, signature);
}

/** Strict: the body must be exactly what encodeEpochBody makes of its fields. Never throws, and checks no signature. */
export function parseEpochRecord(bytes: Uint8Array): ParsedEpochRecord {
  const bodyLength = bytes.length - HASH_BYTES - ED25519_SIGNATURE_BYTES;
  if (bytes.length > EPOCH_RECORD_BYTES_MAX || bodyLength < 1) return { ok: false, reason: 'malformed' };
  const bodyBytes = bytes.slice(0, bodyLength);
  const decoded = decodeStrict(bodyBytes, { depthMax: 1, itemsMax: 32 });
  if (!decoded.ok || !Array.isArray(decoded.value)) return { ok: false, reason: 'malformed' };
  const fields: readonly unknown[] = decoded.value;
  const [layout, suite] = fields;
  if (!isCount(layout) || !isCount(suite)) return { ok: false, reason: 'malformed' };
  if (layout !== EPOCH_RECORD_LAYOUT) return { ok: false, reason: 'unsupported_layout' };
  if (suite !== SUITE_TWO) return { ok: false, reason: 'unsupported_suite' };
  const keying = fields[7];
  if (isCount(keying) && keying !== 1 && keying !== 2) return { ok: false, reason: 'unsupported_keying' };
  const body = fromFields(fields);
  if (body === undefined || !sameBytes(encodeEpochBody(body), bodyBytes))
    return { ok: false, reason: 'malformed' };
  const root = bytes.slice(bodyLength, bodyLength + HASH_BYTES);
  const signature = bytes.slice(bodyLength + HASH_BYTES);
  return { ok: true, record: { body, bodyBytes, root, signature } };
}

function fromFields(fields: readonly unknown[]): EpochBody | undefined {
  if (fields.length !== 14) return undefined;
  const room = parseRoomId(fields[2]);
  const committer = parseUserId(fields[8]);
  const committerFingerprint = parseFingerprint(fields[9]);
  if (room === undefined || committer === undefined || committerFingerprint === undefined) return undefined;
  const [number, rosterVersion, recipients, passwordNumber, keying] = fields.slice(3);
  if (!isCount(number) || number === 0 || !isCount(rosterVersion) || !isCount(passwordNumber))
    return undefined;
  if (!isBytes(recipients, HASH_BYTES) || (keying !== 1 && keying !== 2)) return undefined;
  const [previousHash, commitment, reasonNumber, madeAt] = fields.slice(10);
  if (!isBytes(previousHash, number === 1 ? 0 : HASH_BYTES) || !isBytes(commitment, HASH_BYTES))
    return undefined;
  const reason = isCount(reasonNumber) ? epochReasons[reasonNumber - 1] : undefined;
  if (reason === undefined || !isCount(madeAt)) return undefined;
  return {
    room,
    number,
    rosterVersion,
    recipients,
    passwordNumber,
    keying,
    committer,
    committerFingerprint,
    previousHash,
    commitment,
    reason,
    madeAt,
  };
}
