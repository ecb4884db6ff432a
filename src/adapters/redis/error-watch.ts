import { LogPace } from '../../domain/log-pace.ts';
import { type BackendErrorReason, backendErrorReasons, type Telemetry } from '../../ports/telemetry.ts';

/** A Redis Cluster says where a key is now, as slots move. */
const redirections: ReadonlySet<string> = new Set(['MOVED', 'ASK', 'TRYAGAIN']);

/** Counts what goes wrong at Redis, and logs each kind of refusal once a minute at most. */
export class ErrorWatch {
  readonly #telemetry: Telemetry;
  readonly #pace = new LogPace<BackendErrorReason>();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** Of a command, or of a connection. */
  saw(error: unknown): void {
    const word = firstWord(error);
    if (word !== undefined && redirections.has(word)) return;
    const reason = word === undefined ? withoutReply(error) : (known(word) ?? 'other');
    this.#telemetry.backendError('redis', reason);
    // Silence and lost connections are logged by those who keep the connections.
    if (word === undefined || !this.#pace.take(reason, performance.now())) return;
    // The rest of the reply may name keys.
    this.#telemetry.warn('broker_refused', undefined, { reason: word });
  }
}

/** Of a cluster that can't be reached, what the last of its nodes said: the error itself says only that all failed. */
export function nodesError(error: unknown): unknown {
  return error instanceof Error && 'lastNodeError' in error ? (error.lastNodeError ?? error) : error;
}

/** What Redis' own refusal begins with, such as OOM; undefined when the error is no reply of Redis. */
function firstWord(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  // How Redis before 7.2 says NOPERM of a command inside a script.
  if (error.message.startsWith("ERR The user executing the script can't")) return 'NOPERM';
  return /^[A-Z]{2,20}\b/.exec(error.message)?.[0] ?? 'ERR';
}

function known(word: string): BackendErrorReason | undefined {
  return backendErrorReasons.find((reason) => reason === word.toLowerCase());
}

function withoutReply(error: unknown): BackendErrorReason {
  return error instanceof Error && error.message === 'Command timed out' ? 'timeout' : 'connection';
}
