import { invitation, roomId, roomInfo, suite, userId, userName } from './entities.ts';
import {
  BLOCKS_PAGE_MAX,
  CURSOR_BYTES_MAX,
  INVITATION_LETTER_BYTES_MAX,
  INVITATIONS_WAITING_MAX,
} from './limits.ts';
import { open, type RequestEntry } from './request-entry.ts';
import { bytesUpTo, list, map, optional } from './shape.ts';

const cursor = bytesUpTo(CURSOR_BYTES_MAX);

/** How people find each other: direct rooms, invitations, and who may not send any. */
export const contactRequests = {
  direct: {
    op: 51,
    states: open,
    feature: 'direct',
    about:
      'Returns the direct room of the caller and `user`, and creates it if there is none. Both become members; `user` gets an invitation of kind `direct`, which the caller’s own answers. `suite` is as in `join`. `unreachable` has several causes that the caller cannot tell apart: see section 17.',
    body: map({ user: userId, suite: optional(suite) }),
    reply: map({ info: roomInfo }),
    errors: ['invalid_name', 'unreachable', 'forbidden', 'too_large', 'unsupported_version'],
  },
  invite: {
    op: 52,
    states: open,
    feature: 'invitations',
    about:
      'Members only. Invites `user` to the room. `letter` is the signed invitation of section 17. A second invitation to the same room changes nothing while the first one waits.',
    body: map({ room: roomId, user: userId, letter: bytesUpTo(INVITATION_LETTER_BYTES_MAX) }),
    reply: map({}),
    errors: ['not_a_member', 'invalid_name', 'unreachable', 'forbidden', 'already_a_member'],
  },
  invitations: {
    op: 53,
    states: open,
    feature: 'invitations',
    about: "Lists the invitations that wait for the user's answer.",
    body: map({}),
    reply: map({ invitations: list(invitation, INVITATIONS_WAITING_MAX) }),
    errors: [],
  },
  dismiss: {
    op: 54,
    states: open,
    feature: 'invitations',
    about:
      'Removes the invitation to this room, whatever the answer was; does nothing if there is none. To decline a direct room, leave it.',
    body: map({ room: roomId }),
    reply: map({}),
    errors: [],
  },
  block: {
    op: 55,
    states: open,
    feature: 'invitations',
    about:
      'From now on, `user` can neither invite the caller nor open a direct room with the caller; invitations by `user` that wait are removed. Memberships stay: to end a direct room, leave it.',
    body: map({ user: userId }),
    reply: map({}),
    errors: ['invalid_name', 'too_large'],
  },
  unblock: {
    op: 56,
    states: open,
    feature: 'invitations',
    about: 'Undoes `block`; does nothing if `user` is not blocked.',
    body: map({ user: userId }),
    reply: map({}),
    errors: [],
  },
  blocks: {
    op: 57,
    states: open,
    feature: 'invitations',
    about: 'Lists the users whom the caller has blocked by user id, page by page.',
    body: map({ cursor: optional(cursor) }),
    reply: map({
      users: list(map({ user: userId, name: userName }), BLOCKS_PAGE_MAX),
      cursor: optional(cursor),
    }),
    errors: [],
  },
} as const satisfies Record<string, RequestEntry>;
