import { MongoNetworkTimeoutError, MongoServerError } from 'mongodb';
import { LogPace } from '../../domain/log-pace.ts';
import type { BackendErrorReason, Telemetry } from '../../ports/telemetry.ts';

/** Codes of MongoDB's replies. */
const reasons: ReadonlyMap<unknown, BackendErrorReason> = new Map<unknown, BackendErrorReason>([
  // Unauthorized, AuthenticationFailed, AtlasError.
  [13, 'noperm'],
  [18, 'noperm'],
  [8_000, 'noperm'],
  // OutOfDiskSpace.
  [14_031, 'full'],
  // PrimarySteppedDown, NotWritablePrimary, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary.
  [189, 'notprimary'],
  [10_107, 'notprimary'],
  [11_602, 'notprimary'],
  [13_435, 'notprimary'],
  [13_436, 'notprimary'],
  // WriteConcernFailed, UnsatisfiableWriteConcern.
  [64, 'writeconcern'],
  [100, 'writeconcern'],
  // UserWritesBlocked.
  [371, 'readonly'],
]);

/** MongoDB answered, and refused: it is there. */
export function isRefusal(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError;
}

/** Counts what goes wrong at MongoDB, and logs each kind of refusal once a minute at most. */
export class ErrorWatch {
  readonly #telemetry: Telemetry;
  readonly #pace = new LogPace<BackendErrorReason>();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** Of an operation; `tookTooLong`: it was ended at its deadline. */
  saw(error: unknown, tookTooLong: boolean): void {
    const reason = isRefusal(error) ? (reasons.get(error.code) ?? 'other') : withoutReply(error, tookTooLong);
    this.#telemetry.backendError('mongodb', reason);
    // Silence and lost connections are logged as store_down.
    if (isRefusal(error) && this.#pace.take(reason, performance.now()))
      this.#telemetry.warn('store_refused', undefined, { reason: nameOf(error) });
  }
}

/** MongoDB's name of the code. The message may hold names and ids. */
function nameOf({ code, codeName }: MongoServerError): string {
  return codeName !== undefined && /^[A-Za-z]{1,60}$/.test(codeName) ? codeName : `code ${String(code)}`;
}

function withoutReply(error: unknown, tookTooLong: boolean): BackendErrorReason {
  return tookTooLong || error instanceof MongoNetworkTimeoutError ? 'timeout' : 'connection';
}
