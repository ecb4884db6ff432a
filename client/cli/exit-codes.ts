import { ConnectionLost } from '../sdk/connection/connection-lost.ts';
import { ConclaveError, type ConclaveErrorCode } from '../sdk/errors.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled, type Values } from '../texts/filled.ts';
import { type LocalFault, texts } from '../texts/texts.ts';
import { systemFaultOf } from './system-fault.ts';

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
export const exitCodes = (): readonly ExitCode[] => meaningsOf(cliTexts.programs.exitCodes);
export const adminExitCodes = (): readonly ExitCode[] => meaningsOf(cliTexts.programs.adminExitCodes);

interface ExitCode {
  readonly code: number;
  readonly meaning: string;
}

const meaningsOf = (meanings: Readonly<Record<number, string>>): readonly ExitCode[] =>
  Object.entries(meanings).map(([code, meaning]) => ({ code: Number(code), meaning }));

/**
 * Why a command ends without having done its work; `code` and `message` are what a script or person gets to see, `connection` names the
 * connection in the gateway's log. The cause is for scripts and reports alone.
 */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: string;
  readonly exitCode: number;
  readonly connection: string | undefined;
  /** What a person reads in place of the message, which was on the screen before. */
  readonly instead: string | undefined;

  constructor(
    code: string,
    message: string,
    exitCode: number,
    cause?: unknown,
    { connection, instead }: { readonly connection?: string | undefined; readonly instead?: string } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.exitCode = exitCode;
    this.connection = connection;
    this.instead = instead;
  }
}

export const usage = (message: string): CommandFailure => new CommandFailure('usage', message, EXIT_USAGE);

const INTERRUPTED = 'interrupted';

export const interruption = (): CommandFailure =>
  new CommandFailure(INTERRUPTED, cliTexts.sending.interrupted, EXIT_INTERRUPTED);

/** It says no more than that: nothing was lost by it. */
export const isPlainInterruption = ({ code, message }: CommandFailure): boolean =>
  code === INTERRUPTED && message === cliTexts.sending.interrupted;

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

/** After these the gateway's log may say more; other refusals say all there is to say. */
const connectionMatters: ReadonlySet<number> = new Set([
  EXIT_NO_CONNECTION,
  EXIT_LOGIN_REFUSED,
  EXIT_TIMED_OUT,
]);
const gatewayMatters: ReadonlySet<string> = new Set(['bad_request', 'unavailable']);

/**
 * Every failure in the form that is shown; what is no known failure is a bug and says so. `about` names what the command was asked for.
 */
export function failureOf(error: unknown, about: Values = {}): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (error instanceof ConclaveError) return refusalFailure(error, about);
  if (error instanceof ConnectionLost) {
    const { errorCode, message, connection } = error;
    return refusalFailure(new ConclaveError(errorCode, message, { cause: error, connection }), about);
  }
  const { fault, values } = systemFaultOf(error) ?? { fault: 'bug' as const, values: {} };
  return localFailure(fault, values, error);
}

function refusalFailure(error: ConclaveError, about: Values): CommandFailure {
  const { code, connection } = error;
  const exitCode = exitCodeOf(code);
  const { message } = error.about(about);
  const isTold = connectionMatters.has(exitCode) || gatewayMatters.has(code);
  const where = connection !== undefined && isTold ? ` (connection ${connection})` : '';
  return new CommandFailure(code, `${message}${where}`, exitCode, error.cause, { connection });
}

function localFailure(fault: LocalFault, values: Values, cause: unknown): CommandFailure {
  return new CommandFailure('unexpected', filled(texts.local[fault], values), EXIT_UNEXPECTED, cause);
}

/** What a library, the system or the server said: raw, for scripts and reports. */
export function rawCauseOf({ cause }: Error): string | undefined {
  for (let depth = 0, now: unknown = cause; depth < CAUSES_MAX; depth += 1) {
    if (!(now instanceof Error)) return typeof now === 'string' ? now.slice(0, CAUSE_CHARS_MAX) : undefined;
    if (now.cause === undefined) return `${now.name}: ${now.message}`.slice(0, CAUSE_CHARS_MAX);
    now = now.cause;
  }
  return undefined;
}

const CAUSES_MAX = 8;
const CAUSE_CHARS_MAX = 500;
