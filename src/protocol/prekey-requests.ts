import { roomId, userId } from './entities.ts';
import { CURSOR_BYTES_MAX, PREKEY_BYTES_MAX, PREKEYS_MAX, PREKEYS_PAGE_MAX } from './limits.ts';
import { open, type RequestEntry } from './request-entry.ts';
import { bytesUpTo, list, map, optional } from './shape.ts';

const signedPrekey = bytesUpTo(PREKEY_BYTES_MAX);
const cursor = bytesUpTo(CURSOR_BYTES_MAX);

/** The keys to which others wrap the key of an epoch. */
export const prekeyRequests = {
  prekey: {
    op: 31,
    states: open,
    feature: 'prekeys',
    about:
      "Stores prekeys of the user's own account, signed by its current keys, in the place of those of the same weeks; those of earlier keys are removed. Weeks that are over, or that begin more than eight weeks from now, are refused with `bad_request`.",
    body: map({ prekeys: list(signedPrekey, PREKEYS_MAX) }),
    reply: map({}),
    errors: ['invalid_identity'],
  },
  prekeys: {
    op: 32,
    states: open,
    feature: 'prekeys',
    about:
      'Lists the prekeys of this week of the members of a room, page by page, ascending by user id. A member without one is left out, so a page may be empty and still have a `cursor`.',
    body: map({ room: roomId, cursor: optional(cursor) }),
    reply: map({
      prekeys: list(map({ user: userId, prekey: signedPrekey }), PREKEYS_PAGE_MAX),
      cursor: optional(cursor),
    }),
    errors: ['not_a_member'],
  },
} as const satisfies Record<string, RequestEntry>;
