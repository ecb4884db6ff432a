import { headerLayout, roomId, roomLife, roomName, suite, userId, userName, why } from './entities.ts';
import {
  BANS_PAGE_MAX,
  CURSOR_BYTES_MAX,
  RETENTION_DAYS_MAX,
  RETENTION_HOURS_MAX,
  SALT_BYTES,
} from './limits.ts';
import { open, type RequestEntry } from './request-entry.ts';
import { added, bool, bytes, bytesUpTo, list, map, oneOf, optional, uint, uintFrom } from './shape.ts';

const cursor = bytesUpTo(CURSOR_BYTES_MAX);

/** The part of the table of requests that owners and moderators have for themselves. */
export const roomActRequests = {
  rename: {
    op: 20,
    states: open,
    about: 'Owner only. Renames the room. The old name is free at once.',
    body: map({ room: roomId, name: roomName }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'name_taken'],
  },
  update: {
    op: 21,
    states: open,
    about:
      'Owner only. Updates the given fields. `password` with both fields sets a new password; `{}` removes the password. `retentionHours` goes with `retention`, as in `create`. `header` and `suite` can only be raised. `suite` 2 is refused with `unsupported_version` while a member has no prekey for this week, since its clients may not speak it. Once it is raised, sessions that entered the room by an `enter` without it are closed with `unsupported_version`. `life` is the lifetime setting of section 8, signed by the owner. It is refused with `invalid_identity` if it names another room, another user or other keys, and with `conflict` unless its number is 1 to 1000 above that of the present setting; the present setting itself may be sent again. The reply has the number of the current password setting.',
    body: map({
      room: roomId,
      retention: optional(uint(RETENTION_DAYS_MAX)),
      retentionHours: added('retention-hours', uintFrom(1, RETENTION_HOURS_MAX)),
      hidden: optional(bool),
      password: optional(map({ salt: optional(bytes(SALT_BYTES)), proof: optional(bytes(32)) })),
      header: added('header-2', headerLayout),
      suite: added('suite-2', suite),
      life: added('room-life', roomLife),
    }),
    reply: map({ password: uint() }),
    errors: ['not_a_member', 'forbidden', 'unsupported_version', 'invalid_identity', 'conflict'],
  },
  delete: {
    op: 22,
    states: open,
    about: 'Owner only. Deletes the room. Its name is free at once, and all stored copies are purged.',
    body: map({ room: roomId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden'],
  },
  kick: {
    op: 23,
    states: open,
    about:
      'Owner, or moderator if `user` is a plain member. Ends the membership of `user`, who may join again. The gateway tells `user` and the other members who did it, and `why`.',
    body: map({ room: roomId, user: userId, why: added('reasons', why) }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'no_such_member'],
  },
  ban: {
    op: 24,
    states: open,
    about:
      'Like `kick`, and `user` may not join again. Also works for users who are not members. Banning twice is not an error.',
    body: map({ room: roomId, user: userId, why: added('reasons', why) }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'invalid_name', 'too_large'],
  },
  unban: {
    op: 25,
    states: open,
    about: 'Owner or moderator. Lets `user` join again; does nothing if `user` is not banned.',
    body: map({ room: roomId, user: userId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden'],
  },
  grant: {
    op: 26,
    states: open,
    about:
      'Owner only. Makes a member a moderator or the owner. In the latter case, the former owner becomes a moderator.',
    body: map({ room: roomId, user: userId, role: oneOf('moderator', 'owner') }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'no_such_member'],
  },
  revoke: {
    op: 27,
    states: open,
    about: 'Owner only. Makes a moderator a plain member.',
    body: map({ room: roomId, user: userId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'no_such_member'],
  },
  bans: {
    op: 30,
    states: open,
    about: 'Owner or moderator. Lists banned users by user id, page by page.',
    body: map({ room: roomId, cursor: optional(cursor) }),
    reply: map({
      users: list(map({ user: userId, name: userName }), BANS_PAGE_MAX),
      cursor: optional(cursor),
    }),
    errors: ['not_a_member', 'forbidden'],
  },
} as const satisfies Record<string, RequestEntry>;
