import { backupRequests } from './backup-requests.ts';
import { contactRequests } from './contact-requests.ts';
import {
  directRoom,
  headerLayout,
  role,
  roomId,
  roomInfo,
  roomName,
  roomPresence,
  rosterPage,
  signedIdentity,
  suite,
  userId,
  userName,
} from './entities.ts';
import { epochRequests } from './epoch-requests.ts';
import { fileRequests } from './file-requests.ts';
import { INVITE_TEXT_CHARS_MAX } from './invite-code.ts';
import {
  CONNECTION_ID_CHARS_MAX,
  CURSOR_BYTES_MAX,
  ENTER_ROOMS_MAX,
  FEATURE_NAME_CHARS_MAX,
  FEATURES_MAX,
  HASH_BYTES,
  IDENTITY_CHAIN_PAGE_MAX,
  MINE_PAGE_MAX,
  NONCE_BYTES,
  RETENTION_DAYS_MAX,
  RETENTION_HOURS_MAX,
  ROOMS_PAGE_MAX,
  SALT_BYTES,
  TOKEN_BYTES_MAX,
  WRAP_BYTES,
} from './limits.ts';
import { messageRequests } from './message-requests.ts';
import { open, type RequestEntry, signature } from './request-entry.ts';
import { roomActRequests } from './room-act-requests.ts';
import {
  added,
  bool,
  bytes,
  bytesUpTo,
  list,
  map,
  optional,
  type Parsed,
  text,
  uint,
  uintFrom,
} from './shape.ts';
import { signedActRequests } from './signed-act-requests.ts';
import { stateRequests } from './state-requests.ts';

const cursor = bytesUpTo(CURSOR_BYTES_MAX);
const sessionReply = map({ user: userId, name: userName, token: bytesUpTo(TOKEN_BYTES_MAX), until: uint() });

/** `presence` stays the last: see encodeEnterReply. */
export const enteredRoom = map({
  room: roomId,
  error: optional(uint()),
  info: optional(roomInfo),
  presence: optional(roomPresence),
});

/** THE table of requests: types, the gateway's handlers, metric labels and PROTOCOL.md all come from here. */
export const requests = {
  hello: {
    op: 2,
    states: ['greeting'],
    about:
      'First frame of a connection. `origin` is the address that the client dialled, as canonical `ws(s)://host:port`. `roomMembers` is for rooms of suite 1, `epochRoomMembers` for those of suite 2. `fileBytes`, present with feature `files`, limits the total size of the chunks of a file. `features` lists what this gateway supports beyond version 1; if it is absent, nothing. `connection` is a random id of this connection, which the gateway logs at level debug.',
    body: map({ client: text(64), nonce: bytes(NONCE_BYTES), origin: text(300) }),
    reply: map({
      nonce: bytes(NONCE_BYTES),
      server: text(64),
      version: uint(),
      time: uint(),
      pingMs: uint(),
      silenceMs: uint(),
      limits: map({
        frameBytes: uint(),
        textBytes: uint(),
        roomMembers: uint(),
        roomsPerConnection: uint(),
        epochRoomMembers: optional(uint()),
        fileBytes: optional(uint()),
      }),
      features: optional(list(text(FEATURE_NAME_CHARS_MAX), FEATURES_MAX)),
      connection: optional(text(CONNECTION_ID_CHARS_MAX)),
    }),
    errors: ['wrong_origin', 'unsupported_version'],
  },
  register: {
    op: 3,
    states: ['greeted'],
    about:
      'Creates an account from a signed identity document; both of its keys prove possession. `invite` is the invitation code, as a person typed it, for servers that require one.',
    body: map({ identity: signedIdentity, proof: bytes(320), invite: optional(text(INVITE_TEXT_CHARS_MAX)) }),
    reply: map({ user: userId }),
    errors: [
      'name_taken',
      'invalid_name',
      'invalid_identity',
      'forbidden',
      'invite_needed',
      'unsupported_version',
    ],
  },
  login: {
    op: 4,
    states: ['greeted', 'challenged'],
    about:
      'Requests a challenge: 32 secret bytes, encrypted to the key of that user. Unknown names get one too.',
    body: map({ username: text(64) }),
    reply: map({ challenge: bytes(WRAP_BYTES), expires: uint() }),
    errors: ['invalid_name', 'auth_failed'],
  },
  answer: {
    op: 5,
    states: ['challenged'],
    about: 'Answers the challenge with a MAC, which opens the session.',
    body: map({ mac: bytes(HASH_BYTES) }),
    reply: sessionReply,
    errors: ['auth_failed', 'too_many_sessions'],
  },
  resume: {
    op: 6,
    states: ['greeted'],
    about:
      'Opens a session with the token of an earlier one and a signature. The reply may carry the same token again.',
    body: map({ token: bytesUpTo(TOKEN_BYTES_MAX), signature }),
    reply: sessionReply,
    errors: ['auth_failed', 'keys_replaced', 'too_many_sessions'],
  },
  mine: {
    op: 7,
    states: open,
    about: "Lists the user's own rooms, page by page.",
    body: map({ cursor: optional(cursor) }),
    reply: map({
      rooms: list(
        map({
          room: roomId,
          name: roomName,
          role,
          joined: uint(),
          head: uint(),
          direct: optional(directRoom),
        }),
        MINE_PAGE_MAX,
      ),
      cursor: optional(cursor),
    }),
    errors: [],
  },
  lookup: {
    op: 8,
    states: open,
    about:
      "Returns the number and salt of a room's password setting. Number 0 means that no password is needed. For unknown names, both are made up and stay the same.",
    body: map({ name: roomName }),
    reply: map({ password: uint(), salt: bytes(SALT_BYTES) }),
    errors: [],
  },
  create: {
    op: 9,
    states: open,
    about:
      'Creates a room owned by the user. `password` has the salt and the half of the derived secret that proves it. `retention` is in days. With `retentionHours`, `retention` has to be the same time in days, rounded up. `header` is the header layout of the room, 1 by default. `suite` is its suite, 1 by default; in suite 2 the header layout is 3, and `header` is ignored.',
    body: map({
      name: roomName,
      hidden: bool,
      retention: uint(RETENTION_DAYS_MAX),
      retentionHours: added('retention-hours', uintFrom(1, RETENTION_HOURS_MAX)),
      password: optional(map({ salt: bytes(SALT_BYTES), proof: bytes(32) })),
      header: added('header-2', headerLayout),
      suite: added('suite-2', suite),
    }),
    reply: map({ info: roomInfo }),
    errors: ['name_taken', 'too_large'],
  },
  join: {
    op: 10,
    states: open,
    about:
      'Makes the user a member. Rooms with a password require `proof`. `suite` is the highest suite that the client speaks, 1 by default. Joining a room of a higher suite is refused with `unsupported_version`.',
    body: map({ name: roomName, proof: optional(bytes(32)), suite: added('suite-2', suite) }),
    reply: map({ info: roomInfo }),
    errors: [
      'no_such_room_or_password',
      'already_a_member',
      'room_full',
      'banned',
      'too_large',
      'unsupported_version',
    ],
  },
  leave: {
    op: 11,
    states: open,
    about:
      'Ends the membership. An owner is refused while the room has other members. When the last member leaves, the room is deleted.',
    body: map({ room: roomId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden'],
  },
  rooms: {
    op: 12,
    states: open,
    about:
      'Lists public rooms, page by page: those with the most users online first, then those with nobody online by name; with `prefix`, all by name. Counts are at most 2 s old. `suite` is absent for rooms of suite 1. A page may be short or empty and still have a `cursor`. `total` is the number of users online.',
    body: map({ prefix: optional(text(30)), cursor: optional(cursor) }),
    reply: map({
      rooms: list(
        map({ name: roomName, online: uint(), members: uint(), password: bool, suite: optional(uint()) }),
        ROOMS_PAGE_MAX,
      ),
      total: uint(),
      cursor: optional(cursor),
    }),
    errors: [],
  },
  enter: {
    op: 13,
    states: open,
    about:
      'Subscribes this session to the events of these rooms. Messages after `head` are delivered; those up to it are in history. A room that cannot be entered has `error`, a code of section 5, and neither `info` nor `presence`. `suite` is as in `join`. With `batches`, the server may send batches until the connection ends.',
    body: map({
      rooms: list(roomId, ENTER_ROOMS_MAX),
      suite: added('suite-2', suite),
      batches: added('batches', bool),
    }),
    reply: map({ rooms: list(enteredRoom, ENTER_ROOMS_MAX) }),
    errors: ['too_large'],
  },
  members: {
    op: 14,
    states: open,
    about:
      'Lists the members at the roster version that the first page names. With `since` (1 or more), it lists every membership interval that began, ended or changed roles after that version; `roles` then lists the roles that ended after it. `conflict` means: start again without `cursor`; with `since`, the changes are not kept that long.',
    body: map({ room: roomId, since: optional(uint()), cursor: optional(cursor) }),
    reply: map({ ...rosterPage, cursor: optional(cursor) }),
    errors: ['not_a_member', 'conflict'],
  },
  identity: {
    op: 15,
    states: open,
    about:
      "Returns the chain of a user's signed identity documents from sequence `since` on, also for users who left. Expects exactly one of `name` and `user`.",
    body: map({ name: optional(userName), user: optional(userId), since: optional(uint()) }),
    reply: map({ user: userId, chain: list(signedIdentity, IDENTITY_CHAIN_PAGE_MAX), more: bool }),
    errors: ['invalid_name'],
  },
  ...messageRequests,
  ping: {
    op: 18,
    states: ['greeted', 'challenged', 'open'],
    about: 'Measures the round trip.',
    body: map({}),
    reply: map({ time: uint() }),
    errors: [],
  },
  ...signedActRequests,
  ...roomActRequests,
  ...epochRequests,
  ...fileRequests,
  ...backupRequests,
  ...contactRequests,
  ...stateRequests,
} as const satisfies Record<string, RequestEntry>;

export type Requests = typeof requests;
export type RequestName = keyof Requests;
export type RequestBody<Name extends RequestName> = Parsed<Requests[Name]['body']>;
export type ReplyBody<Name extends RequestName> = Parsed<Requests[Name]['reply']>;

export const requestNames: readonly RequestName[] = Object.keys(requests) as RequestName[];

const namesByOperation: ReadonlyMap<number, RequestName> = new Map(
  requestNames.map((name) => [requests[name].op, name]),
);
export const requestNameOf = (operation: number): RequestName | undefined => namesByOperation.get(operation);
