import { headerLayout, roomId, roomName, userId, userName } from './entities.ts';
import { BANS_PAGE_MAX, CURSOR_BYTES_MAX, RETENTION_DAYS_MAX, SALT_BYTES } from './limits.ts';
import { open, type RequestEntry } from './request-entry.ts';
import { added, bool, bytes, bytesUpTo, list, map, oneOf, optional, uint } from './shape.ts';

const cursor = bytesUpTo(CURSOR_BYTES_MAX);

/** The part of the table of requests that owners and moderators have for themselves. */
export const roomActRequests = {
  rename: {
    op: 20,
    states: open,
    about: 'By the owner: gives the room another name. The old one is free at once.',
    body: map({ room: roomId, name: roomName }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'name_taken'],
  },
  update: {
    op: 21,
    states: open,
    about:
      'By the owner: changes what is given. `password` with both fields is another setting, without them there is none any more. `header` is only raised. The reply has the number of the password setting that holds now.',
    body: map({
      room: roomId,
      retention: optional(uint(RETENTION_DAYS_MAX)),
      hidden: optional(bool),
      password: optional(map({ salt: optional(bytes(SALT_BYTES)), proof: optional(bytes(32)) })),
      header: added('header-2', headerLayout),
    }),
    reply: map({ password: uint() }),
    errors: ['not_a_member', 'forbidden'],
  },
  delete: {
    op: 22,
    states: open,
    about: 'By the owner: ends the room for all. Its name is free at once, and all stored copies are purged.',
    body: map({ room: roomId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden'],
  },
  kick: {
    op: 23,
    states: open,
    about:
      'By the owner or, if `user` is a plain member, a moderator: ends the membership of `user`, who may join again.',
    body: map({ room: roomId, user: userId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'no_such_member'],
  },
  ban: {
    op: 24,
    states: open,
    about:
      'As `kick`, and `user` may not join again. Also for somebody who is no member. Banning twice is no fault.',
    body: map({ room: roomId, user: userId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'invalid_name', 'too_large'],
  },
  unban: {
    op: 25,
    states: open,
    about:
      'By the owner or a moderator: `user` may join again. For somebody who is not banned it does nothing.',
    body: map({ room: roomId, user: userId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden'],
  },
  grant: {
    op: 26,
    states: open,
    about:
      'By the owner: makes a member a moderator, or the owner. In the latter case the owner before is a moderator from then on.',
    body: map({ room: roomId, user: userId, role: oneOf('moderator', 'owner') }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'no_such_member'],
  },
  revoke: {
    op: 27,
    states: open,
    about: 'By the owner: makes a moderator a plain member.',
    body: map({ room: roomId, user: userId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden', 'no_such_member'],
  },
  bans: {
    op: 30,
    states: open,
    about: 'For the owner and moderators: pages of the users who are banned, by user id.',
    body: map({ room: roomId, cursor: optional(cursor) }),
    reply: map({
      users: list(map({ user: userId, name: userName }), BANS_PAGE_MAX),
      cursor: optional(cursor),
    }),
    errors: ['not_a_member', 'forbidden'],
  },
} as const satisfies Record<string, RequestEntry>;
