import {
  formatSettings,
  type PasswordSetting,
  type RoomRecord,
  type RoomSettings,
  type RosterChange,
  type RosterMember,
  retentionOf,
  settingsOf,
} from '../../domain/roster.ts';
import type { RoomJob } from '../../ports/room-store.ts';
import type { Role } from '../../protocol/entities.ts';
import { idBytes } from '../../protocol/ids.ts';
import { foldName } from '../../protocol/names.ts';
import { copied, storedRoomId, storedRoomName, storedUserId } from './stored-value.ts';

export interface MemberDocument {
  readonly user: Uint8Array;
  readonly role: Role;
  readonly identity: number;
  readonly joined: number;
  readonly since: number;
}

export interface ChangeDocument {
  readonly version: number;
  readonly kind: RosterChange['kind'];
  readonly before?: MemberDocument;
  readonly after?: MemberDocument;
  readonly formerOwner?: MemberDocument;
  readonly at: number;
}

export type JobDocument = Omit<RoomJob, 'room'>;

interface SettingsDocument {
  readonly name: string;
  readonly folded: string;
  readonly hidden: boolean;
  readonly retention: number;
  readonly retentionHours?: number;
  readonly goneThrough?: number;
  readonly password: PasswordSetting;
  /** Absent: 1. */
  readonly header?: number;
  /** Absent: 1. */
  readonly suite?: number;
  readonly direct?: { readonly low: Uint8Array; readonly high: Uint8Array; readonly generation: number };
  /** Earlier gateways know nothing of it, and leave it as it is. */
  readonly life?: Uint8Array;
}

/** The version of a room that was deleted: its document stays, found by nobody, until its copies are purged. */
export const DELETED_VERSION = -1;

/** The whole truth about a room: one document of at most 200 KB, so that one conditional update is one step. */
export interface RoomDocument extends SettingsDocument {
  readonly _id: Uint8Array;
  readonly version: number;
  readonly floor: number;
  /** In order of coming: sorting is left to the reader, so that a join is a push that moves nothing. */
  readonly members: readonly MemberDocument[];
  /** How many members there are; true only while `countedAt` is the version. Earlier gateways do not count. */
  readonly memberCount?: number;
  readonly countedAt?: number;
  /** In order of coming; absent: nobody. */
  readonly bans?: readonly Uint8Array[];
  readonly createdAt: number;
  readonly seqCeiling: number;
  readonly settledThrough: number;
  /** What made the version; absent while it is the one the room was created with. */
  readonly lastChange?: ChangeDocument;
  readonly chore?: JobDocument;
}

export function roomDocument(record: RoomRecord): RoomDocument {
  const { version, floor, createdAt, seqCeiling, settledThrough } = record;
  return {
    _id: idBytes(record.room),
    ...settingsDocument(record),
    version,
    floor,
    members: record.members.map(memberDocument),
    memberCount: record.members.length,
    countedAt: version,
    bans: record.bans.map(idBytes),
    createdAt,
    seqCeiling,
    settledThrough,
  };
}

export function settingsDocument(settings: RoomSettings): SettingsDocument {
  const { direct, ...others } = settingsOf(settings);
  return {
    folded: foldName(settings.name),
    ...others,
    ...(direct !== undefined && {
      direct: { ...direct, low: idBytes(direct.low), high: idBytes(direct.high) },
    }),
  };
}

export function memberDocument(member: RosterMember): MemberDocument {
  const { role, identity, joined, since } = member;
  return { user: idBytes(member.user), role, identity, joined, since };
}

export function changeDocument(change: RosterChange): ChangeDocument {
  const { version, kind, at, before, after, formerOwner } = change;
  return {
    version,
    kind,
    ...(before === undefined ? {} : { before: memberDocument(before) }),
    ...(after === undefined ? {} : { after: memberDocument(after) }),
    ...(formerOwner === undefined ? {} : { formerOwner: memberDocument(formerOwner) }),
    at,
  };
}

export function recordOf(document: RoomDocument): RoomRecord {
  const name = storedRoomName(document.name);
  const { hidden, version, floor, createdAt, seqCeiling, settledThrough } = document;
  return {
    room: storedRoomId(document._id),
    name,
    folded: foldName(name),
    hidden,
    ...retentionOf(document),
    ...(document.goneThrough === undefined ? {} : { goneThrough: document.goneThrough }),
    password: passwordOf(document.password),
    ...formatSettings(document),
    ...directOf(document),
    ...(document.life === undefined ? {} : { life: copied(document.life) }),
    version,
    floor,
    members: document.members.map(memberOf).sort((one, other) => (one.user < other.user ? -1 : 1)),
    bans: (document.bans ?? []).map(storedUserId).sort(),
    createdAt,
    seqCeiling,
    settledThrough,
  };
}

export function directOf({ direct }: Pick<SettingsDocument, 'direct'>): Pick<RoomSettings, 'direct'> {
  if (direct === undefined) return {};
  const { low, high, generation } = direct;
  return { direct: { low: storedUserId(low), high: storedUserId(high), generation } };
}

export function changeOf(document: ChangeDocument): RosterChange {
  const { version, kind, at, before, after, formerOwner } = document;
  return {
    version,
    kind,
    ...(before === undefined ? {} : { before: memberOf(before) }),
    ...(after === undefined ? {} : { after: memberOf(after) }),
    ...(formerOwner === undefined ? {} : { formerOwner: memberOf(formerOwner) }),
    at,
  };
}

function memberOf(document: MemberDocument): RosterMember {
  const { role, identity, joined, since } = document;
  return { user: storedUserId(document.user), role, identity, joined, since };
}

function passwordOf({ number, last, salt, proofHash }: PasswordSetting): PasswordSetting {
  return {
    number,
    ...(last === undefined ? {} : { last }),
    ...(salt === undefined ? {} : { salt: copied(salt) }),
    ...(proofHash === undefined ? {} : { proofHash: copied(proofHash) }),
  };
}
