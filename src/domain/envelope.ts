import { parseRunId } from '../protocol/admin-actions.ts';
import { ID_BYTES, parseRoomId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import { WRAP_BYTES } from '../protocol/limits.ts';
import { decodeStrict, encode } from '../protocol/message-pack.ts';
import { type NodeAnswer, type NodeOrder, type NodeTask, parseOrderId } from './node-order.ts';
import type { EndingKind, RosterChange } from './roster.ts';

/**
 * What nodes tell each other through the broker. Clients can't express one. The first byte is the version: a node that
 * does not know it drops the envelope and treats the channel as having a gap, so that its clients fetch what they miss.
 */
export const ENVELOPE_VERSION = 2;

const KIND_DELIVER = 1;
const KIND_NOTICE = 2;

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

/** What an envelope is made of. */
export interface DeliverParts {
  readonly seq: number;
  readonly publishedAt: number;
  readonly recipients: Uint8Array;
  readonly prefix: Uint8Array;
  readonly wraps: Uint8Array;
}

/**
 * Everything that is not a message. `event` is an encoded event frame for every entered session of the room (in the
 * control channel: of the user); nodes that need to act on it do so first.
 */
export type Notice =
  | {
      readonly about: 'roster';
      readonly room: RoomId;
      readonly version: number;
      readonly floor: number;
      readonly user: UserId;
      readonly change: RosterChange['kind'];
      readonly event: Uint8Array;
    }
  | { readonly about: 'presence'; readonly room: RoomId; readonly event: Uint8Array }
  | {
      readonly about: 'settings';
      readonly room: RoomId;
      readonly version: number;
      readonly floor: number;
      readonly event: Uint8Array;
    }
  | { readonly about: 'room-gone'; readonly room: RoomId; readonly event: Uint8Array }
  | {
      readonly about: 'own-room';
      readonly user: UserId;
      readonly room: RoomId;
      readonly change: 'joined' | EndingKind;
      readonly event: Uint8Array;
    }
  /** The room was deleted: for all who were members, wherever their sessions are. `users`: 16 bytes each. */
  | {
      readonly about: 'own-room-deleted';
      readonly room: RoomId;
      readonly users: Uint8Array;
      readonly event: Uint8Array;
    }
  | {
      readonly about: 'revoked';
      readonly user: UserId;
      readonly notBefore: number;
      /** Absent: by a logout, or because the keys changed. A node that does not know it takes it for that. */
      readonly why?: 'account_closed';
    }
  /** The store has other secrets than before: to be read again. */
  | { readonly about: 'secrets' }
  | ({ readonly about: 'node-order' } & NodeOrder)
  | ({ readonly about: 'node-answer' } & NodeAnswer);

export interface NoticeEnvelope {
  readonly kind: 'notice';
  readonly notice: Notice;
}

export type Envelope = DeliverEnvelope | NoticeEnvelope;

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

export function encodeNotice(notice: Notice): Uint8Array {
  const body = encode(notice);
  const bytes = new Uint8Array(2 + body.length);
  bytes[0] = ENVELOPE_VERSION;
  bytes[1] = KIND_NOTICE;
  bytes.set(body, 2);
  return bytes;
}

/** Gives undefined for what this node does not understand. The parts are views of `bytes`. */
export function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (bytes.length < 2 || bytes[0] !== ENVELOPE_VERSION) return undefined;
  if (bytes[1] === KIND_DELIVER) return decodeDeliver(bytes);
  if (bytes[1] === KIND_NOTICE) return decodeNotice(bytes.subarray(2));
  return undefined;
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

const caps = { depthMax: 2, itemsMax: 16 } as const;

function decodeNotice(bytes: Uint8Array): NoticeEnvelope | undefined {
  const decoded = decodeStrict(bytes, caps);
  if (!decoded.ok || typeof decoded.value !== 'object' || decoded.value === null) return undefined;
  const notice = parseNotice(decoded.value as Readonly<Record<string, unknown>>);
  return notice === undefined ? undefined : { kind: 'notice', notice };
}

const rosterKinds: readonly RosterChange['kind'][] = [
  'joined',
  'left',
  'kicked',
  'banned',
  'role',
  'identity',
  'settings',
];

const ownRoomChanges = ['joined', 'left', 'kicked', 'banned'] as const;

function parseNotice(fields: Readonly<Record<string, unknown>>): Notice | undefined {
  const { about } = fields;
  const user = parseUserId(fields['user']);
  const room = parseRoomId(fields['room']);
  const event = fields['event'] instanceof Uint8Array ? fields['event'] : undefined;
  const number = (name: string): number => (Number.isSafeInteger(fields[name]) ? Number(fields[name]) : 0);
  if (about === 'revoked') {
    if (user === undefined) return undefined;
    const revoked = { about, user, notBefore: number('notBefore') } as const;
    return fields['why'] === 'account_closed' ? { ...revoked, why: 'account_closed' } : revoked;
  }
  if (about === 'secrets') return { about };
  if (about === 'node-order' || about === 'node-answer') return parseNodeNotice(about, fields);
  if (room === undefined || event === undefined) return undefined;
  if (about === 'presence' || about === 'room-gone') return { about, room, event };
  if (about === 'own-room-deleted') {
    const users = fields['users'];
    const areIds = users instanceof Uint8Array && users.length % ID_BYTES === 0;
    return areIds ? { about, room, users, event } : undefined;
  }
  const versions = { version: number('version'), floor: number('floor') };
  if (about === 'settings') return { about, room, ...versions, event };
  if (user === undefined) return undefined;
  if (about === 'roster') {
    const change = rosterKinds.find((kind) => kind === fields['change']);
    return change === undefined ? undefined : { about, room, ...versions, user, change, event };
  }
  if (about === 'own-room') {
    const change = ownRoomChanges.find((kind) => kind === fields['change']);
    return change === undefined ? undefined : { about, user, room, change, event };
  }
  return undefined;
}

function parseNodeNotice(
  about: 'node-order' | 'node-answer',
  fields: Readonly<Record<string, unknown>>,
): Notice | undefined {
  const order = parseOrderId(fields['order']);
  if (order === undefined) return undefined;
  if (about === 'node-answer') {
    const sessions = parseCount(fields['sessions']);
    return sessions === undefined ? undefined : { about, order, sessions };
  }
  const run = parseRunId(fields['run']);
  const task = parseTask(fields['task']);
  return run === undefined || task === undefined ? undefined : { about, order, run, task };
}

/** An order that this node does not understand is none: nobody obeys it, and whoever gave it hears no answer. */
function parseTask(value: unknown): NodeTask | undefined {
  if (typeof value !== 'object' || value === null || !('task' in value)) return undefined;
  if (value.task === 'drain') return { task: 'drain' };
  const count = 'count' in value ? parseCount(value.count) : undefined;
  return value.task === 'shed' && count !== undefined ? { task: 'shed', count } : undefined;
}

function parseCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
