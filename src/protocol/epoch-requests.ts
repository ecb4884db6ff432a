import { ownEpoch, roomId, userId } from './entities.ts';
import {
  CURSOR_BYTES_MAX,
  EPOCH_AGE_MS,
  EPOCH_GAP_MAX,
  EPOCH_LEASE_MS,
  EPOCH_PART_BYTES_MAX,
  EPOCH_PART_LIFE_MS,
  EPOCH_PARTS_MAX,
  EPOCH_RECORD_BYTES_MAX,
  EPOCH_REPAIR_INTERVAL_MS,
  EPOCHS_PAGE_MAX,
  HASH_BYTES,
  PREKEY_BYTES_MAX,
  PREKEYS_MAX,
  PREKEYS_PAGE_MAX,
} from './limits.ts';
import { open, type RequestEntry } from './request-entry.ts';
import { bool, bytes, bytesUpTo, list, map, optional, uint } from './shape.ts';

const signedPrekey = bytesUpTo(PREKEY_BYTES_MAX);
const cursor = bytesUpTo(CURSOR_BYTES_MAX);
const DAY_MS = 24 * 60 * 60 * 1000;

/** The epochs of rooms of suite 2, and the keys that they are wrapped to. */
export const epochRequests = {
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
  wraps: {
    op: 33,
    states: open,
    feature: 'suite-2',
    about: `Brings one part of the wraps of an epoch that \`epoch\` is about to store, on the same connection. The parts, put one behind the other from \`part\` 0 on, are the wraps of all members in ascending order of user id. \`bodyHash\` is H(body) of its record. A part that comes again replaces the one before; parts for another body replace those of the one before in this room. They are dropped after ${EPOCH_PART_LIFE_MS / 1_000} seconds. \`too_large\` means that too many bytes of this user wait, \`unavailable\` that too many of all users do.`,
    body: map({
      room: roomId,
      bodyHash: bytes(HASH_BYTES),
      part: uint(EPOCH_PARTS_MAX - 1),
      bytes: bytesUpTo(EPOCH_PART_BYTES_MAX),
    }),
    reply: map({}),
    errors: ['not_a_member', 'too_large', 'unsupported_version'],
  },
  epoch: {
    op: 34,
    states: open,
    feature: 'suite-2',
    about: `Stores an epoch with the wraps that \`wraps\` brought. The number is that of the newest epoch plus one; it leaves out up to ${EPOCH_GAP_MAX} if the room's members know of epochs that this server has lost. Its roster version is not below the room's floor. \`at\` is when the epoch was stored. The same record again gets the same reply, without wraps. \`conflict\` means that there is an epoch already: one of this number, or one that is as good as this would be; \`epoch\` in the refusal is that one, absent if it was not made for the user. An epoch is as good as another for the same recipients and password while it is younger than ${EPOCH_AGE_MS / DAY_MS} days and its roster version is not below the floor. One of reason 5 is taken in any case, once in ${EPOCH_REPAIR_INTERVAL_MS / 60_000} minutes from each user. \`wraps_missing\` means that parts are missing, or were dropped.`,
    body: map({ room: roomId, record: bytesUpTo(EPOCH_RECORD_BYTES_MAX) }),
    reply: map({ at: uint() }),
    errors: ['not_a_member', 'stale_roster', 'conflict', 'wraps_missing', 'unsupported_version'],
  },
  epochs: {
    op: 35,
    states: open,
    feature: 'suite-2',
    about: `Returns the epochs with numbers above \`after\` in order, from the roster version at which the user joined on, at most \`limit\` (1 or more). A page may have fewer and still say \`more\`. With \`make\`, the user wants to make the epoch after the last one of a page that says no \`more\`: if another session has said so within the last ${EPOCH_LEASE_MS / 1_000} seconds, \`waitMs\` says how long to wait for the event \`epoch\` before asking again. Nobody is bound by it.`,
    body: map({ room: roomId, after: uint(), limit: uint(EPOCHS_PAGE_MAX), make: optional(bool) }),
    reply: map({ epochs: list(ownEpoch, EPOCHS_PAGE_MAX), more: bool, waitMs: optional(uint()) }),
    errors: ['not_a_member', 'unsupported_version'],
  },
} as const satisfies Record<string, RequestEntry>;
