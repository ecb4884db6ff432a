import { roomId, userId } from './entities.ts';
import {
  CIPHERTEXT_BYTES_MAX,
  HASH_BYTES,
  HEADER_BYTES_MAX,
  HISTORY_MESSAGES_MAX,
  TYPING_INTERVAL_MS,
  TYPING_ONLINE_MAX,
  WRAP_BYTES,
  WRAPPED_MEMBERS_MAX,
} from './limits.ts';
import { open, type RequestEntry } from './request-entry.ts';
import { bool, bytes, bytesUpTo, list, map, optional, type Parsed, uint } from './shape.ts';

/** The fields of `send`, whose frame is positional: `[op, id, room, version, header, ciphertext, wraps]`. */
export const sendFields = map({
  room: roomId,
  version: uint(),
  header: bytesUpTo(HEADER_BYTES_MAX),
  ciphertext: bytesUpTo(CIPHERTEXT_BYTES_MAX),
  wraps: bytesUpTo(WRAPPED_MEMBERS_MAX * WRAP_BYTES),
});

/** A stored copy as its reader gets it. */
export const storedMessage = map({
  seq: uint(),
  at: uint(),
  from: userId,
  header: bytesUpTo(HEADER_BYTES_MAX),
  ciphertext: bytesUpTo(CIPHERTEXT_BYTES_MAX),
  wrap: bytesUpTo(WRAP_BYTES),
});
export type StoredMessage = Parsed<typeof storedMessage>;

/** What is sent in rooms, and what was. */
export const messageRequests = {
  send: {
    op: 16,
    states: open,
    about:
      'Sends a message prepared for the members of roster `version`: one wrap of 256 bytes for each, in ascending order of user id. In a room of suite 2 there are no wraps, and `version` is the roster version of the epoch. The reply comes once the message is stored. Sending the same message id again gets the same reply.',
    body: sendFields,
    reply: map({ seq: uint(), at: uint(), headerHash: bytes(HASH_BYTES) }),
    errors: ['stale_roster', 'not_a_member', 'conflict', 'too_large', 'unsupported_version', 'unknown_epoch'],
  },
  history: {
    op: 17,
    states: open,
    about:
      "Returns the user's own copies in order. A page covers every position up to `through` (with `before`, down to it): a position that is not on it holds nothing for this reader. It may hold no message at all and still say `more`. Expects exactly one of `after` and `before`, which are exclusive, and a `limit` of 1 or more.",
    body: map({
      room: roomId,
      after: optional(uint()),
      before: optional(uint()),
      limit: uint(HISTORY_MESSAGES_MAX),
    }),
    reply: map({ messages: list(storedMessage, HISTORY_MESSAGES_MAX), through: uint(), more: bool }),
    errors: ['not_a_member'],
  },
  typing: {
    op: 36,
    feature: 'typing',
    states: open,
    about: `Tells the members who entered the room that the user is typing. Nothing is stored, and nothing follows when the user stops. Passed on at most once in ${TYPING_INTERVAL_MS / 1_000} seconds for each user and room, and not while more than ${TYPING_ONLINE_MAX} members are online.`,
    body: map({ room: roomId }),
    reply: map({}),
    errors: ['not_a_member', 'forbidden'],
  },
} as const satisfies Record<string, RequestEntry>;
