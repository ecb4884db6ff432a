import type { ErrorReplyReceived } from '../../src/protocol/client-codec.ts';
import type { ErrorName } from '../../src/protocol/codes.ts';
import type { OwnEpoch } from '../../src/protocol/entities.ts';
import type { RequestName } from '../../src/protocol/requests.ts';
import { filled, type Values } from '../texts/filled.ts';
import { type LocalFault, texts } from '../texts/texts.ts';

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
  /** An error, or what a library or the server said: for programs and reports, never shown to people. */
  readonly cause?: unknown;
  /** The text of the message and what it is about, where it comes from the tables in client/texts. */
  readonly template?: string;
  readonly values?: Values;
  /** Id of the connection on which it happened. */
  readonly connection?: string | undefined;
  /** With `rate_limited` and `unavailable`: when the server says a retry may help. */
  readonly retryAfterMs?: number | undefined;
  /** With `stale_roster`: the roster's version now. */
  readonly version?: number | undefined;
  /** With the `conflict` of two epochs: the one that is stored. */
  readonly epoch?: OwnEpoch | undefined;
  /** With `already_a_member`: hexadecimal id of the room. */
  readonly room?: string | undefined;
}

/** What every method of the SDK rejects with. `message` is one line of English for people; programs go by `code`. */
export class ConclaveError extends Error {
  override readonly name = 'ConclaveError';
  readonly code: ConclaveErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ConclaveErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs;
  }

  get version(): number | undefined {
    return this.details.version;
  }

  get room(): string | undefined {
    return this.details.room;
  }

  get connection(): string | undefined {
    return this.details.connection;
  }

  /** The same, with a message that also says what only the caller knows. */
  about(values: Values): ConclaveError {
    const { template } = this.details;
    if (template === undefined) return this;
    const known = definedOf(values, this.details.values);
    return new ConclaveError(this.code, filled(template, known), { ...this.details, values: known });
  }
}

/** What is said later stands before what is not known there. */
function definedOf(...values: readonly (Values | undefined)[]): Values {
  return Object.fromEntries(
    values.flatMap((some) => Object.entries(some ?? {}).filter(([, value]) => value !== undefined)),
  );
}

/** A failure whose text is in the tables. */
export function errorWith(
  code: ConclaveErrorCode,
  template: string,
  values: Values = {},
  details: ErrorDetails = {},
): ConclaveError {
  return new ConclaveError(code, filled(template, values), { ...details, template, values });
}

/** Something on this machine is in the way. */
export function localError(
  code: ConclaveErrorCode,
  fault: LocalFault,
  values: Values = {},
  cause?: unknown,
): ConclaveError {
  return errorWith(code, texts.local[fault], values, { cause });
}

/** The time allowed ran out; `why` says what went on all the while. */
export function timedOut(why: Error | undefined, connection?: string): ConclaveError {
  const { timed_out, timed_out_waiting } = texts.local;
  if (why === undefined) return errorWith('timeout', timed_out, {}, { connection });
  return errorWith('timeout', timed_out_waiting, { reason: why.message }, { cause: why, connection });
}

/** What the server refused, as far as the client knows. */
interface Refused {
  readonly request: RequestName;
  readonly body: object;
  readonly connection: string | undefined;
}

/**
 * People read the client's own words for the code; the server's are the cause. A code of a newer server is one that nothing here can
 * mend: `bad_request`.
 */
export function errorOfReply(
  reply: ErrorReplyReceived,
  { request, body, connection }: Refused,
): ConclaveError {
  const { name, message, retryAfterMs, version, room, epoch } = reply;
  const template =
    name === undefined
      ? texts.unknownRefusal
      : (texts.requestRefusals[`${request}.${name}`] ?? texts.refusals[name]);
  // A body with a room's id has in `name` what the room is to be called.
  const given = 'name' in body && typeof body.name === 'string' ? body.name : undefined;
  const values = { room: 'room' in body ? undefined : given, name: given };
  return errorWith(name ?? 'bad_request', template, values, {
    cause: printable(message),
    ...{ connection, retryAfterMs, version, room, epoch },
  });
}

/** Whether it is an error of one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ConclaveErrorCode[]): error is ConclaveError {
  return error instanceof ConclaveError && codes.includes(error.code);
}

/** A server's text ends on terminals: controls and invisible characters become question marks. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}
