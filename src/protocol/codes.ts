/**
 * The one table of error and close codes. PROTOCOL.md carries the same table, held against this one by a test.
 * A code is never given a second meaning, not even after it fell out of use.
 */

/** What a client may do after a refusal: nothing helps / the same request later / first mend what the code names. */
export type Retry = 'never' | 'later' | 'after-change';

interface ErrorCodeEntry {
  readonly code: number;
  readonly retry: Retry;
  readonly meaning: string;
}

export const errorCodes = {
  bad_request: {
    code: 1,
    retry: 'never',
    meaning:
      'unknown operation or field, wrong type, value out of range, or not allowed in this state of the session',
  },
  unauthenticated: { code: 2, retry: 'after-change', meaning: 'the operation requires a login' },
  auth_failed: {
    code: 3,
    retry: 'never',
    meaning: 'the login, resume or signature was rejected; also returned for unknown names',
  },
  name_taken: { code: 4, retry: 'after-change', meaning: 'a user or room of this name exists or existed' },
  invalid_name: {
    code: 5,
    retry: 'after-change',
    meaning: 'the name is not 3–20 (user) or 3–30 (room) ASCII letters and digits, or nobody has it',
  },
  invalid_identity: {
    code: 6,
    retry: 'never',
    meaning: 'the identity document, a signature or the proof of possession is invalid',
  },
  no_such_room_or_password: {
    code: 7,
    retry: 'after-change',
    meaning: 'no such room, or wrong password; the two are indistinguishable',
  },
  not_a_member: { code: 8, retry: 'after-change', meaning: 'the user is not a member of this room' },
  already_a_member: {
    code: 9,
    retry: 'never',
    meaning: 'the user is already a member of this room; `room` names it',
  },
  room_full: { code: 10, retry: 'later', meaning: 'the room has reached the member limit of this server' },
  forbidden: {
    code: 11,
    retry: 'never',
    meaning: "the user's role does not allow this, or the server does not offer it",
  },
  banned: { code: 12, retry: 'never', meaning: 'the user is banned from this room' },
  stale_roster: {
    code: 13,
    retry: 'after-change',
    meaning: 'the message was prepared for an outdated roster; `version` is the current one',
  },
  too_large: {
    code: 14,
    retry: 'never',
    meaning: 'a limit named in the reply to `hello` is exceeded',
  },
  rate_limited: {
    code: 15,
    retry: 'later',
    meaning: 'too many requests of this kind in too short a time; retry later',
  },
  too_many_sessions: {
    code: 16,
    retry: 'later',
    meaning: 'the user has reached the session limit of this server',
  },
  unavailable: {
    code: 17,
    retry: 'later',
    meaning: 'a backing service is unavailable; whether the request took effect is unknown',
  },
  conflict: {
    code: 18,
    retry: 'later',
    meaning: 'a concurrent change came first, or an earlier message of this chain was refused',
  },
  unsupported_version: {
    code: 19,
    retry: 'never',
    meaning: 'the server does not support this version or suite',
  },
  wrong_origin: {
    code: 20,
    retry: 'never',
    meaning:
      "the address that the client dialled is not one of the server's public addresses; there may be a proxy or an attacker in between, or the configuration lacks it",
  },
  keys_replaced: {
    code: 21,
    retry: 'never',
    meaning: 'the token belongs to keys that the account has replaced; log in with the newer ones',
  },
  no_such_member: {
    code: 22,
    retry: 'after-change',
    meaning: 'the user named in the request is not a member of this room',
  },
  invite_needed: {
    code: 23,
    retry: 'after-change',
    meaning:
      'registration is by invitation only, and the code is missing, unknown, used or expired; these are indistinguishable',
  },
  no_such_file: {
    code: 24,
    retry: 'never',
    meaning: 'the file does not exist in this room: it was never uploaded, was discarded, or has expired',
  },
  upload_incomplete: {
    code: 25,
    retry: 'after-change',
    meaning: 'chunks of the file are missing',
  },
  too_many_uploads: {
    code: 26,
    retry: 'later',
    meaning: 'the user has as many unfinished uploads as this server allows',
  },
  unreachable: {
    code: 27,
    retry: 'never',
    meaning:
      'this user takes no invitations or direct rooms from the caller at present; the causes are indistinguishable',
  },
  unknown_epoch: {
    code: 30,
    retry: 'after-change',
    meaning:
      "the message is sealed under an epoch that is not one of the room's two newest; ask for the room's epochs",
  },
  wraps_missing: {
    code: 31,
    retry: 'after-change',
    meaning: 'some wraps of this epoch are missing; send them again on this connection',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorName = keyof typeof errorCodes;

interface CloseCodeEntry {
  readonly code: number;
  readonly meaning: string;
}

/** 3000–3499: the client reconnects with full jitter. 3500–3999: it must not. 1000 ends a session on purpose. */
export const closeCodes = {
  going_away: {
    code: 3000,
    meaning: 'the node is stopping; reconnect to another one, or to this one later',
  },
  node_error: { code: 3001, meaning: 'internal error' },
  slow_consumer: {
    code: 3002,
    meaning: 'the client read too slowly; the rest is in history',
  },
  lost_heartbeat: { code: 3003, meaning: 'the client was silent for too long' },
  over_capacity: {
    code: 3004,
    meaning:
      'the node has reached its connection limit, or this address opens connections too fast or has too many that are not logged in',
  },
  login_timeout: { code: 3005, meaning: 'the connection did not log in in time' },
  malformed_frame: {
    code: 3500,
    meaning: "a frame was text, empty, or not one MessagePack value within this protocol's limits",
  },
  frame_too_large: { code: 3501, meaning: 'a frame exceeded the size limit' },
  revoked: {
    code: 3502,
    meaning: 'the session was ended elsewhere, by a logout or new keys',
  },
  account_closed: { code: 3503, meaning: 'the account was closed or disabled' },
  abuse: {
    code: 3504,
    meaning: 'too many failed logins on one connection, or limits ignored repeatedly',
  },
  unsupported_version: {
    code: 3505,
    meaning: 'the subprotocol, the version, or the suite of an entered room is not supported',
  },
} as const satisfies Record<string, CloseCodeEntry>;

export type CloseName = keyof typeof closeCodes;

export const CLOSE_NORMAL = 1000;

const errorNames: ReadonlyMap<number, ErrorName> = new Map(
  (Object.keys(errorCodes) as ErrorName[]).map((name) => [errorCodes[name].code, name]),
);
const closeNames: ReadonlyMap<number, CloseName> = new Map(
  (Object.keys(closeCodes) as CloseName[]).map((name) => [closeCodes[name].code, name]),
);

export const errorNameOf = (code: number): ErrorName | undefined => errorNames.get(code);
export const closeNameOf = (code: number): CloseName | undefined => closeNames.get(code);

/** After these a client reconnects: our own range below 3500, and every code that a network or proxy makes (1001, 1006, …). */
export function mayReconnect(closeCode: number): boolean {
  return closeCode !== CLOSE_NORMAL && (closeCode < 3500 || closeCode > 3999);
}
