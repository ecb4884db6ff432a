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
    about: `Uploads one part of an epoch's wraps, ahead of the \`epoch\` request on the same connection. The parts, concatenated from \`part\` 0, are the wraps of all members in ascending order of user id. \`bodyHash\` is H(body) of the epoch's record. Sending a part again replaces it; sending parts for another body replaces all parts that this user sent for the room before. Parts are dropped ${EPOCH_PART_LIFE_MS / 1_000} seconds after the last one arrived. \`too_large\` means that too many bytes of this user are waiting, \`unavailable\` that too many of all users are.`,
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
    about: `Stores an epoch with the wraps that \`wraps\` uploaded. Its number is one more than that of the newest epoch, or up to ${EPOCH_GAP_MAX} higher if the room's members know of epochs that this server has lost. Its roster version must not be below the room's floor. \`at\` is the time at which the epoch was stored. Sending the same record again, with or without wraps, gets the same reply. \`conflict\` means that the number is taken, or that the newest epoch still serves: it has the same recipients and password, is younger than ${EPOCH_AGE_MS / DAY_MS - 1} days, and its roster version is not below the floor. The refusal has this epoch in \`epoch\`, unless it does not include the user. An epoch of reason 5 is exempt from the second rule, once in ${EPOCH_REPAIR_INTERVAL_MS / 60_000} minutes for each user. \`wraps_missing\` means that parts are missing or were dropped.`,
    body: map({ room: roomId, record: bytesUpTo(EPOCH_RECORD_BYTES_MAX) }),
    reply: map({ at: uint() }),
    errors: ['not_a_member', 'stale_roster', 'conflict', 'wraps_missing', 'unsupported_version'],
  },
  epochs: {
    op: 35,
    states: open,
    feature: 'suite-2',
    about: `Returns the epochs with numbers above \`after\` in order, at most \`limit\` of them (1 or more). Epochs from before the user joined are left out. A page may have fewer than \`limit\` and still set \`more\`. \`make\` announces that the user wants to make the epoch after the last one. If another session announced this within the last ${EPOCH_LEASE_MS / 1_000} seconds, the last page has \`waitMs\`: how long to wait for the event \`epoch\` before making one anyway; the other session may give up earlier, so ask again every few seconds. Announcing it again renews the time. \`make: false\` says that the user wants to make none after all, which the end of the connection says, too. The wait is advice, not a lock.`,
    body: map({ room: roomId, after: uint(), limit: uint(EPOCHS_PAGE_MAX), make: optional(bool) }),
    reply: map({ epochs: list(ownEpoch, EPOCHS_PAGE_MAX), more: bool, waitMs: optional(uint()) }),
    errors: ['not_a_member', 'unsupported_version'],
  },
} as const satisfies Record<string, RequestEntry>;
