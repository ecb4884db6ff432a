import { parseRunId, type RunId } from '../protocol/admin-actions.ts';
import { ID_BYTES, parseRoomId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import type { EndingKind, RosterChange } from './roster.ts';

declare const brand: unique symbol;
/** One order of an operator to one node: 32 hexadecimal digits, random. Its answer carries it. */
export type OrderId = string & { readonly [brand]: 'OrderId' };

export function parseOrderId(value: unknown): OrderId | undefined {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value) ? (value as OrderId) : undefined;
}

/** `drain`: move all clients elsewhere, then end. `shed`: move so many sessions elsewhere, and go on. */
export type NodeTask = { readonly task: 'drain' } | { readonly task: 'shed'; readonly count: number };

/** Told to all nodes on the control channel; the one that it names obeys. */
export interface NodeOrder {
  readonly order: OrderId;
  readonly run: RunId;
  readonly task: NodeTask;
}

/** The node that an order names has begun; so many sessions will move. */
export interface NodeAnswer {
  readonly order: OrderId;
  readonly sessions: number;
}

/**
 * What a room's channel carries besides messages. `event`, where there is one, is an encoded event frame for every session that entered the room;
 * nodes that need to act on a notice do so first.
 */
export type RoomNotice =
  | {
      readonly about: 'roster';
      readonly room: RoomId;
      readonly version: number;
      readonly floor: number;
      readonly user: UserId;
      readonly change: RosterChange['kind'];
      readonly event: Uint8Array;
      /** For the sessions of a user who was put out. Older nodes leave it out. */
      readonly gone?: Uint8Array;
    }
  | { readonly about: 'presence'; readonly room: RoomId; readonly event: Uint8Array }
  | {
      readonly about: 'settings';
      readonly room: RoomId;
      readonly version: number;
      readonly floor: number;
      /** Absent: the first. Older nodes leave it out. */
      readonly suite?: number;
      readonly event: Uint8Array;
    }
  | { readonly about: 'room-gone'; readonly room: RoomId; readonly event: Uint8Array }
  /** There is a new epoch. Everybody's event is another: each node reads those of its sessions from the store. */
  | {
      readonly about: 'epoch';
      readonly room: RoomId;
      readonly number: number;
      readonly recordHash: Uint8Array;
    };

/** What the control channel carries: it reaches every node. */
export type ControlNotice =
  /** `event` is for the user's sessions, except for `by`, whose request this answers. Older nodes leave `by` out. */
  | {
      readonly about: 'own-room';
      readonly user: UserId;
      readonly room: RoomId;
      readonly change: 'joined' | EndingKind;
      readonly by?: string;
      readonly event: Uint8Array;
    }
  /** The room was deleted: for everyone who was a member, as with `own-room`. `users`: 16 bytes each. */
  | {
      readonly about: 'own-room-deleted';
      readonly room: RoomId;
      readonly users: Uint8Array;
      readonly by?: string;
      readonly event: Uint8Array;
    }
  /** `event` is for the user's sessions, except for `by`, whose request this answers. */
  | {
      readonly about: 'invitation' | 'state';
      readonly user: UserId;
      readonly by?: string;
      readonly event: Uint8Array;
    }
  | {
      readonly about: 'revoked';
      readonly user: UserId;
      readonly notBefore: number;
      /** Absent: by a logout, or because the keys changed. A node that does not know it takes it for that. */
      readonly why?: 'account_closed';
    }
  /**
   * A session of the user was closed for abuse: logins are refused for so many milliseconds from now on. It is not repeated
   * to a node that missed it. Nodes that do not know it look for revocations instead.
   */
  | { readonly about: 'abuse'; readonly user: UserId; readonly banMs: number }
  /** The store has new secrets: read them again. */
  | { readonly about: 'secrets' }
  | ({ readonly about: 'node-order' } & NodeOrder)
  | ({ readonly about: 'node-answer' } & NodeAnswer);

export type NoticeFields = Readonly<Record<string, unknown>>;

const rosterKinds: readonly RosterChange['kind'][] = [
  'joined',
  'left',
  'kicked',
  'banned',
  'role',
  'identity',
  'settings',
];

export function parseRoomNotice(fields: NoticeFields): RoomNotice | undefined {
  const { about, event } = fields;
  const room = parseRoomId(fields['room']);
  if (room === undefined) return undefined;
  if (about === 'epoch') return parseEpochNotice(room, fields);
  if (!(event instanceof Uint8Array)) return undefined;
  if (about === 'presence' || about === 'room-gone') return { about, room, event };
  const versions = { version: integerIn(fields, 'version'), floor: integerIn(fields, 'floor') };
  if (about === 'settings') {
    const suite = parseCount(fields['suite']);
    return { about, room, ...versions, ...(suite !== undefined && { suite }), event };
  }
  const user = parseUserId(fields['user']);
  const change = rosterKinds.find((kind) => kind === fields['change']);
  if (about !== 'roster' || user === undefined || change === undefined) return undefined;
  const { gone } = fields;
  return {
    ...{ about, room, ...versions, user, change, event },
    ...(gone instanceof Uint8Array && { gone }),
  };
}

function parseEpochNotice(room: RoomId, { number, recordHash }: NoticeFields): RoomNotice | undefined {
  const epoch = parseCount(number);
  if (epoch === undefined || !(recordHash instanceof Uint8Array)) return undefined;
  return { about: 'epoch', room, number: epoch, recordHash };
}

export function parseControlNotice(fields: NoticeFields): ControlNotice | undefined {
  const { about } = fields;
  if (about === 'secrets') return { about };
  if (about === 'node-order' || about === 'node-answer') return parseNodeNotice(about, fields);
  if (about === 'own-room' || about === 'own-room-deleted') return parseOwnRoom(about, fields);
  const user = parseUserId(fields['user']);
  if (user === undefined) return undefined;
  const { event } = fields;
  if (about === 'invitation' || about === 'state')
    return event instanceof Uint8Array ? { about, user, ...byIn(fields), event } : undefined;
  if (about === 'abuse') {
    const banMs = parseCount(fields['banMs']);
    return banMs === undefined ? undefined : { about, user, banMs };
  }
  if (about !== 'revoked') return undefined;
  const revoked = { about, user, notBefore: integerIn(fields, 'notBefore') } as const;
  return fields['why'] === 'account_closed' ? { ...revoked, why: 'account_closed' } : revoked;
}

const ownRoomChanges = ['joined', 'left', 'kicked', 'banned'] as const;

function parseOwnRoom(
  about: 'own-room' | 'own-room-deleted',
  fields: NoticeFields,
): ControlNotice | undefined {
  const { users, event } = fields;
  const room = parseRoomId(fields['room']);
  if (room === undefined || !(event instanceof Uint8Array)) return undefined;
  const by = byIn(fields);
  if (about === 'own-room-deleted') {
    const areIds = users instanceof Uint8Array && users.length % ID_BYTES === 0;
    return areIds ? { about, room, users, ...by, event } : undefined;
  }
  const user = parseUserId(fields['user']);
  const change = ownRoomChanges.find((kind) => kind === fields['change']);
  if (user === undefined || change === undefined) return undefined;
  return { about, user, room, change, ...by, event };
}

function byIn({ by }: NoticeFields): { readonly by?: string } {
  return typeof by === 'string' ? { by } : {};
}

function parseNodeNotice(
  about: 'node-order' | 'node-answer',
  fields: NoticeFields,
): ControlNotice | undefined {
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

function integerIn(fields: NoticeFields, name: string): number {
  return Number.isSafeInteger(fields[name]) ? Number(fields[name]) : 0;
}
