import { toHex } from '../protocol/bytes.ts';
import { ID_BYTES } from '../protocol/ids.ts';
import { WRAP_BYTES } from '../protocol/limits.ts';
import { decodeStrict, encode } from '../protocol/message-pack.ts';
import {
  type ControlNotice,
  type NoticeFields,
  parseControlNotice,
  parseRoomNotice,
  type RoomNotice,
} from './notices.ts';

/**
 * What nodes tell each other through the broker. Clients can't express one. The first byte is the version: a node that
 * does not know it drops the envelope and treats the channel as having a gap, so that its clients fetch what they miss.
 */
export const ENVELOPE_VERSION = 2;

const KIND_DELIVER = 1;
const KIND_NOTICE = 2;
const KIND_SHARED = 3;

/**
 * A message on its way to every node. Layout, big endian:
 * version u8 · kind u8 · 2 zero bytes · recipients u32 · prefix length u32 · seq f64 · published at (ms) f64 ·
 * ids 16 × recipients, ascending · prefix (the `deliver` frame up to the wrap) · wraps 256 × recipients. The first wrap
 * stands where a frame has its wrap, so that whoever owns these bytes can make everybody's frame within them.
 */
export interface DeliverEnvelope {
  readonly kind: 'deliver';
  readonly seq: number;
  readonly publishedAt: number;
  readonly recipients: Uint8Array;
  /** The prefix, and all wraps behind it. */
  readonly prefixAndWraps: Uint8Array;
  readonly prefixBytes: number;
}

/**
 * A message of suite 2 on its way to every node: one frame, for every member since the roster version of its epoch. Layout,
 * big endian: version u8 · kind u8 · 2 zero bytes · roster version f64 · seq f64 · published at (ms) f64 · frame.
 */
export interface SharedEnvelope {
  readonly kind: 'shared';
  readonly seq: number;
  readonly publishedAt: number;
  readonly epochVersion: number;
  readonly frame: Uint8Array;
}

/** What an envelope is made of. */
export interface DeliverParts {
  readonly seq: number;
  readonly publishedAt: number;
  readonly recipients: Uint8Array;
  readonly prefix: Uint8Array;
  readonly wraps: Uint8Array;
}

export interface NoticeEnvelope {
  readonly kind: 'notice';
  readonly notice: RoomNotice;
}

const HEADER_BYTES = 28;

export function encodeDeliver({ seq, publishedAt, recipients, prefix, wraps }: DeliverParts): Uint8Array {
  const count = recipients.length / ID_BYTES;
  const bytes = new Uint8Array(HEADER_BYTES + recipients.length + wraps.length + prefix.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, ENVELOPE_VERSION);
  view.setUint8(1, KIND_DELIVER);
  view.setUint32(4, count);
  view.setUint32(8, prefix.length);
  view.setFloat64(12, seq);
  view.setFloat64(20, publishedAt);
  bytes.set(recipients, HEADER_BYTES);
  bytes.set(prefix, HEADER_BYTES + recipients.length);
  bytes.set(wraps, HEADER_BYTES + recipients.length + prefix.length);
  return bytes;
}

export function encodeShared({
  seq,
  publishedAt,
  epochVersion,
  frame,
}: Omit<SharedEnvelope, 'kind'>): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + frame.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, ENVELOPE_VERSION);
  view.setUint8(1, KIND_SHARED);
  view.setFloat64(4, epochVersion);
  view.setFloat64(12, seq);
  view.setFloat64(20, publishedAt);
  bytes.set(frame, HEADER_BYTES);
  return bytes;
}

export function encodeNotice(notice: RoomNotice | ControlNotice): Uint8Array {
  const body = encode(notice);
  const bytes = new Uint8Array(2 + body.length);
  bytes[0] = ENVELOPE_VERSION;
  bytes[1] = KIND_NOTICE;
  bytes.set(body, 2);
  return bytes;
}

/** What a room's channel carries. Undefined: this node does not understand it. The parts are views of `bytes`. */
export function decodeRoomEnvelope(
  bytes: Uint8Array,
): DeliverEnvelope | SharedEnvelope | NoticeEnvelope | undefined {
  if (bytes[0] === ENVELOPE_VERSION && bytes[1] === KIND_DELIVER) return decodeDeliver(bytes);
  if (bytes[0] === ENVELOPE_VERSION && bytes[1] === KIND_SHARED) return decodeShared(bytes);
  const fields = noticeFields(bytes);
  const notice = fields === undefined ? undefined : parseRoomNotice(fields);
  return notice === undefined ? undefined : { kind: 'notice', notice };
}

/** What the control channel carries. Undefined: this node does not understand it. */
export function decodeControlEnvelope(bytes: Uint8Array): ControlNotice | undefined {
  const fields = noticeFields(bytes);
  return fields === undefined ? undefined : parseControlNotice(fields);
}

function decodeDeliver(bytes: Uint8Array): DeliverEnvelope | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(4);
  const prefixBytes = view.getUint32(8);
  const prefixAt = HEADER_BYTES + count * ID_BYTES;
  if (prefixAt + prefixBytes + count * WRAP_BYTES !== bytes.length) return undefined;
  return {
    kind: 'deliver',
    seq: view.getFloat64(12),
    publishedAt: view.getFloat64(20),
    recipients: bytes.subarray(HEADER_BYTES, prefixAt),
    prefixAndWraps: bytes.subarray(prefixAt),
    prefixBytes,
  };
}

/** Where the wrap of each recipient begins among the wraps, in bytes, by user id. */
export function wrapOffsets(recipients: Uint8Array): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  for (let at = 0, wrap = 0; at < recipients.length; at += ID_BYTES, wrap += WRAP_BYTES)
    offsets.set(toHex(recipients.subarray(at, at + ID_BYTES)), wrap);
  return offsets;
}

function decodeShared(bytes: Uint8Array): SharedEnvelope | undefined {
  if (bytes.length <= HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    kind: 'shared',
    epochVersion: view.getFloat64(4),
    seq: view.getFloat64(12),
    publishedAt: view.getFloat64(20),
    frame: bytes.subarray(HEADER_BYTES),
  };
}

const NOTICE_CAPS = { depthMax: 2, itemsMax: 16 } as const;

function noticeFields(bytes: Uint8Array): NoticeFields | undefined {
  if (bytes[0] !== ENVELOPE_VERSION || bytes[1] !== KIND_NOTICE) return undefined;
  const decoded = decodeStrict(bytes.subarray(2), NOTICE_CAPS);
  if (!decoded.ok || typeof decoded.value !== 'object' || decoded.value === null) return undefined;
  return decoded.value as NoticeFields;
}
