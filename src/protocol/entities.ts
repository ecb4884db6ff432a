import {
  type AnyId,
  type FileId,
  idBytes,
  type MessageId,
  parseFileId,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from './ids.ts';
import {
  ED25519_SIGNATURE_BYTES,
  EPOCH_PATH_BYTES_MAX,
  EPOCH_RECORD_BYTES_MAX,
  EPOCH_WRAP_BYTES_MAX,
  FORMER_ROLES_PAGE_MAX,
  HEADER_LAYOUT_FIRST,
  HEADER_LAYOUT_LAST,
  IDENTITY_BYTES_MAX,
  INVITATION_LETTER_BYTES_MAX,
  MEMBERS_PAGE_MAX,
  PRESENCE_USERS_MAX,
  RETENTION_DAYS_MAX,
  ROOM_LIFE_BYTES_MAX,
  ROOM_MEMBERS_MAX,
  RSA_SIGNATURE_BYTES,
  SUITE_FIRST,
  SUITE_LAST,
  WHY_CHARS_MAX,
} from './limits.ts';
import { parseRoomName, parseUserName } from './names.ts';
import {
  bool,
  bytesUpTo,
  Fault,
  list,
  map,
  oneOf,
  optional,
  type Parsed,
  parsedText,
  SCALAR,
  type Shape,
  text,
  uint,
  uintFrom,
} from './shape.ts';

/** What several requests and events have in common. */

function idShape<Id extends AnyId>(label: string, parse: (value: unknown) => Id | undefined): Shape<Id> {
  return {
    label,
    extent: SCALAR,
    parse: (value) =>
      (value instanceof Uint8Array ? parse(value) : undefined) ?? new Fault(`is not ${label}`),
    pack: idBytes,
  };
}

export const userId: Shape<UserId> = idShape('user id', parseUserId);
export const roomId: Shape<RoomId> = idShape('room id', parseRoomId);
export const messageId: Shape<MessageId> = idShape('message id', parseMessageId);
export const fileId: Shape<FileId> = idShape('file id', parseFileId);

export const userName = parsedText('user name', parseUserName);
export const roomName = parsedText('room name', parseRoomName);
export const role = oneOf('owner', 'moderator', 'member');
export type Role = Parsed<typeof role>;

/**
 * Signatures over an identity document: RSA-PSS (256 bytes) then Ed25519 (64 bytes) by its own keys; a document that
 * replaces another carries the same two by the keys of the one before, behind them: 320 or 640 bytes.
 */
export const SIGNATURES_BYTES_FIRST: number = RSA_SIGNATURE_BYTES + ED25519_SIGNATURE_BYTES;
export const SIGNATURES_BYTES_SUCCESSOR: number = 2 * SIGNATURES_BYTES_FIRST;

export const signedIdentity = map({
  document: bytesUpTo(IDENTITY_BYTES_MAX),
  signatures: bytesUpTo(SIGNATURES_BYTES_SUCCESSOR),
});
export type SignedIdentity = Parsed<typeof signedIdentity>;

/**
 * One stretch of membership under one identity: from roster version `since` up to, not including, `left`. A member
 * whose keys change ends one stretch and begins the next at the same version. `joined` is the room's last position
 * when the member joined: it reads what comes after.
 */
export const memberEntry = map({
  user: userId,
  name: userName,
  role,
  joined: uint(),
  since: uint(),
  left: optional(uint()),
  identity: signedIdentity,
});
export type MemberEntry = Parsed<typeof memberEntry>;

/** A member had this role up to, not including, roster version `until`, where another one began. */
export const formerRole = map({ user: userId, role, until: uint() });
export type FormerRole = Parsed<typeof formerRole>;

/** Of a page of members. `roles`: those that ended after the version that was asked about. */
export const rosterPage = {
  version: uint(),
  members: list(memberEntry, MEMBERS_PAGE_MAX),
  roles: optional(list(formerRole, FORMER_ROLES_PAGE_MAX)),
} as const;

/** Why somebody was put out of a room, or a message removed, in the words of who did it. */
export const why = text(WHY_CHARS_MAX);

/** The layout of the headers of a room's messages. */
export const headerLayout = uintFrom(HEADER_LAYOUT_FIRST, HEADER_LAYOUT_LAST);

/** The suite of a room. */
export const suite = uintFrom(SUITE_FIRST, SUITE_LAST);

/** How long messages of a room stay by default, as its owner signed it: see layouts/room-life.ts. */
export const roomLife = bytesUpTo(ROOM_LIFE_BYTES_MAX);

/** An epoch as one member gets it: the record as it was signed, the member's own wrap, and its path in the tree. */
export const ownEpoch = map({
  number: uint(),
  record: bytesUpTo(EPOCH_RECORD_BYTES_MAX),
  wrap: bytesUpTo(EPOCH_WRAP_BYTES_MAX),
  path: bytesUpTo(EPOCH_PATH_BYTES_MAX),
});
export type OwnEpoch = Parsed<typeof ownEpoch>;

/** Of a room of two: the other one, and how many such rooms the two have had. */
export const directRoom = map({ user: userId, generation: uint() });
export type DirectRoom = Parsed<typeof directRoom>;

/** `direct`, absent: the room is not a direct room. `header`, absent: layout 1. `suite`, absent: 1. A gateway may tell a layout or suite that came after this release. `epoch` is the number of the newest epoch; absent: there is none. `password` is the number of the room's password setting, 0 without one. `retention` is in days, 0: nothing is stored; `retentionHours`, where it is no whole number of days, which then is rounded up. `life` is how long messages stay by default, as an owner signed it; absent: no owner ever did. */
export const roomInfo = map({
  room: roomId,
  name: roomName,
  role,
  joined: uint(),
  version: uint(),
  head: uint(),
  retention: uint(RETENTION_DAYS_MAX),
  retentionHours: optional(uint()),
  password: uint(),
  hidden: bool,
  header: optional(uint()),
  suite: optional(uint()),
  epoch: optional(uint()),
  direct: optional(directRoom),
  life: optional(roomLife),
});
export type RoomInfo = Parsed<typeof roomInfo>;

/** `letter` is absent with kind `direct`. `name` is the room's, `from` and `fromName` are the inviter; `at` is when the server took it. */
export const invitation = map({
  room: roomId,
  name: roomName,
  password: bool,
  kind: oneOf('room', 'direct'),
  from: userId,
  fromName: userName,
  at: uint(),
  letter: optional(bytesUpTo(INVITATION_LETTER_BYTES_MAX)),
});
export type WaitingInvitation = Parsed<typeof invitation>;

export const presentUser = map({ user: userId, online: bool, version: uint() });
export type PresentUser = Parsed<typeof presentUser>;

/** `users` is absent when more than 200 are online: then only the count is told. */
export const roomPresence = map({
  online: uint(ROOM_MEMBERS_MAX),
  version: uint(),
  users: optional(list(presentUser, PRESENCE_USERS_MAX)),
});
export type RoomPresence = Parsed<typeof roomPresence>;
