import type { ErrorReplyReceived } from '../../src/protocol/client-codec.ts';
import type { ErrorName } from '../../src/protocol/codes.ts';

/**
 * Why the SDK refuses or fails: a code of the protocol, or one of its own.
 *
 * - `usage`: an argument is out of its limits, or a call does not fit the state of the client
 * - `no_connection`: no session could be opened in the time allowed
 * - `timeout`: the time allowed ran out after a session had been open
 * - `closed`: the client was closed while the call was waiting
 * - `no_profile`: there are no keys in the storage, or they cannot be read
 * - `profile_exists`: there already is a key file of this account; it is never overwritten
 * - `profile_locked`: another process has held the lock of the stored state for too long
 * - `profile_unwritable`: what has to be stored can't be: the disk is full, read-only, or another user's
 * - `wrong_passphrase`: the key file does not open
 * - `trust`: a key, id or name is not the one that was pinned, or the server acknowledged what was not sent
 * - `unsupported`: the gateway of the present connection lacks a feature that the request needs; nothing was sent
 * - `needs_password`: this client does not know the room's present password
 */
export type ConclaveErrorCode =
  | ErrorName
  | 'usage'
  | 'no_connection'
  | 'timeout'
  | 'closed'
  | 'no_profile'
  | 'profile_exists'
  | 'profile_locked'
  | 'profile_unwritable'
  | 'wrong_passphrase'
  | 'trust'
  | 'unsupported'
  | 'needs_password';

interface ErrorDetails {
  readonly cause?: unknown;
  /** With `rate_limited` and `unavailable`: when the server says a retry may help. */
  readonly retryAfterMs?: number | undefined;
  /** With `stale_roster`: the roster's version now. */
  readonly version?: number | undefined;
  /** With `already_a_member`: hexadecimal id of the room. */
  readonly room?: string | undefined;
}

/** What every method of the SDK rejects with. `message` is one line of English for people; programs go by `code`. */
export class ConclaveError extends Error {
  override readonly name = 'ConclaveError';
  readonly code: ConclaveErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly version: number | undefined;
  readonly room: string | undefined;

  constructor(code: ConclaveErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryAfterMs = details.retryAfterMs;
    this.version = details.version;
    this.room = details.room;
  }
}

/** A code of a newer server is one that nothing here can mend: `bad_request` with the server's text. */
export function errorOfReply(reply: ErrorReplyReceived): ConclaveError {
  const { name, message, retryAfterMs, version, room } = reply;
  return new ConclaveError(name ?? 'bad_request', printable(message), { retryAfterMs, version, room });
}

/** A server's text ends on terminals: controls and invisible characters become question marks. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}
