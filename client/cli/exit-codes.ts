import { ConclaveError, type ConclaveErrorCode } from '../sdk/errors.ts';

export const EXIT_DONE = 0;
export const EXIT_UNEXPECTED = 1;
export const EXIT_USAGE = 2;
export const EXIT_NO_CONNECTION = 3;
export const EXIT_LOGIN_REFUSED = 4;
export const EXIT_REFUSED = 5;
export const EXIT_TRUST = 6;
export const EXIT_TIMED_OUT = 7;
export const EXIT_INTERRUPTED = 130;

/** What they mean, for help and manual. */
export const exitCodes: ReadonlyArray<{ readonly code: number; readonly meaning: string }> = [
  { code: EXIT_DONE, meaning: 'done' },
  { code: EXIT_UNEXPECTED, meaning: 'unexpected' },
  { code: EXIT_USAGE, meaning: 'usage' },
  { code: EXIT_NO_CONNECTION, meaning: 'no connection' },
  { code: EXIT_LOGIN_REFUSED, meaning: 'login refused' },
  { code: EXIT_REFUSED, meaning: 'refused by the server' },
  { code: EXIT_TRUST, meaning: 'a key or trust problem' },
  { code: EXIT_TIMED_OUT, meaning: 'timed out' },
  { code: EXIT_INTERRUPTED, meaning: 'interrupted' },
];

/** Why a command ends without having done its work; `code` and `message` are what a script or person gets to see. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: string;
  readonly exitCode: number;

  constructor(code: string, message: string, exitCode: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.exitCode = exitCode;
  }
}

export const usage = (message: string): CommandFailure => new CommandFailure('usage', message, EXIT_USAGE);

const INTERRUPTED = 'interrupted';

export const interruption = (): CommandFailure =>
  new CommandFailure(INTERRUPTED, INTERRUPTED, EXIT_INTERRUPTED);

/** It says no more than that: nothing was lost by it. */
export const isPlainInterruption = ({ code, message }: CommandFailure): boolean =>
  code === INTERRUPTED && message === INTERRUPTED;

function exitCodeOf(code: ConclaveErrorCode): number {
  switch (code) {
    case 'usage':
      return EXIT_USAGE;
    case 'no_connection':
      return EXIT_NO_CONNECTION;
    case 'auth_failed':
    case 'keys_replaced':
    case 'wrong_origin':
    case 'unsupported_version':
      return EXIT_LOGIN_REFUSED;
    case 'no_profile':
    case 'profile_exists':
    case 'wrong_passphrase':
    case 'trust':
      return EXIT_TRUST;
    case 'timeout':
    case 'profile_locked':
      return EXIT_TIMED_OUT;
    case 'closed':
    case 'profile_unwritable':
      return EXIT_UNEXPECTED;
    default:
      return EXIT_REFUSED;
  }
}

/** Every failure in the form that is shown; what is no known failure is a bug and says so. */
export function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (error instanceof ConclaveError)
    return new CommandFailure(error.code, error.message, exitCodeOf(error.code), error);
  const text = error instanceof Error ? error.message : String(error);
  return new CommandFailure('unexpected', `unexpected: ${text}`, EXIT_UNEXPECTED, error);
}
