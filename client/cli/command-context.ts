import type { Readable, Writable } from 'node:stream';
import pRetry from 'p-retry';
import type { ConclaveClient } from '../sdk/api.ts';
import { heldUpBy } from '../sdk/connection/waits.ts';
import { ConclaveError, hasCode } from '../sdk/errors.ts';
import type { Account } from './account.ts';
import type { Deadline } from './deadline.ts';
import type { Output } from './output.ts';
import type { Environment, Settings } from './settings.ts';
import { tellIfSlow } from './slow-answer.ts';
import type { Terminal } from './terminal.ts';

/** What every command works with. */
export interface CommandContext {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly output: Output;
  readonly terminal: Terminal;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly deadline: Deadline;
  /** The words after `--`, which the parser leaves among the arguments. */
  readonly afterDashes: readonly string[];
  /** Aborted by an interrupt; what then still has to be said is said before the process ends. */
  readonly interrupted: AbortSignal;
  /** The account of this server and user; the passphrase is asked once. */
  account(): Promise<Account>;
  /** The account's client, connected. */
  connected(): Promise<ConclaveClient>;
}

const RETRY_PAUSE_MS = 250;
const RETRY_PAUSE_MS_MAX = 5_000;

/** For commands that do one thing: `rate_limited` and `unavailable` are tried again until the command's time is up. */
export function withRetries<T>(
  work: () => Promise<T>,
  tell: (refusal: ConclaveError) => void = () => undefined,
): Promise<T> {
  return pRetry(work, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: RETRY_PAUSE_MS,
    maxTimeout: RETRY_PAUSE_MS_MAX,
    randomize: true,
    shouldRetry: ({ error }) => hasCode(error, 'rate_limited', 'unavailable'),
    onFailedAttempt: async ({ error }) => {
      if (error instanceof ConclaveError) tell(error);
      const pauseMs = error instanceof ConclaveError ? (error.retryAfterMs ?? 0) : 0;
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    },
  });
}

/** The same without a client, which tells by itself what it waits for. */
export function asked<T>({ deadline, output }: CommandContext, work: () => Promise<T>): Promise<T> {
  let why: ConclaveError | undefined;
  const tell = (refusal: ConclaveError): void => {
    why = heldUpBy(refusal);
    deadline.noteRefusal(why);
  };
  return tellIfSlow(output, withRetries(work, tell), () => why?.message);
}
