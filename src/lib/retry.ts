import { setTimeout as pause } from 'node:timers/promises';
import pRetry from 'p-retry';

export interface RetryPlan {
  /** In all, the first one included. */
  readonly attempts: number;
  /** Pauses are random, up to this; the limit doubles after each failure, up to `pauseMsMax`. */
  readonly firstPauseMs: number;
  readonly pauseMsMax: number;
  /** Ends the attempts: the promise rejects with its reason. */
  readonly signal: AbortSignal;
  /** False: this failure is final. */
  readonly isWorthIt?: (error: unknown) => boolean;
}

/** For a start that waits for a service, however long. */
export const UNTIL_IT_WORKS = {
  attempts: Number.POSITIVE_INFINITY,
  firstPauseMs: 250,
  pauseMsMax: 5_000,
} as const satisfies Partial<RetryPlan>;

/** Tries until it works, with exponential backoff and full jitter. Throws the last failure. `attempt` counts from 1. */
export function retry<Result>(
  task: (attempt: number) => Promise<Result>,
  { attempts, firstPauseMs, pauseMsMax, signal, isWorthIt = () => true }: RetryPlan,
): Promise<Result> {
  return pRetry(task, {
    retries: attempts - 1,
    minTimeout: 0,
    maxTimeout: 0,
    signal,
    shouldRetry: async ({ error, attemptNumber }) => {
      if (!isWorthIt(error)) return false;
      const limitMs = Math.min(pauseMsMax, firstPauseMs * 2 ** (attemptNumber - 1));
      await pause(Math.random() * limitMs, undefined, { signal });
      return true;
    },
  });
}
