import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 10;
/** A busy machine must not fail what is right; a test that is about time gives its own. */
const DEADLINE_MS = 20_000;

export interface Trying {
  readonly deadlineMs?: number;
  /** Between two tries; longer where a try is work for the machine, such as a process. */
  readonly pauseMs?: number;
}

/** Tries until `check` no longer throws, and gives what it gives; at the deadline throws what it last threw. */
export async function eventually<Result>(
  check: () => Result | Promise<Result>,
  { deadlineMs = DEADLINE_MS, pauseMs = PAUSE_MS }: Trying = {},
): Promise<Result> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await delay(pauseMs);
  }
}
