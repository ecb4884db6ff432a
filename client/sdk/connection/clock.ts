/** Time and chance as the SDK sees them: tests pass their own. */
export interface Clock {
  /** Milliseconds that never go back; the origin means nothing. */
  now(): number;
  /** Milliseconds since 1970 UTC. */
  wallTime(): number;
  /** Runs `callback` once after `ms`, at the latest after TIMER_MS_MAX; the returned function cancels. */
  schedule(ms: number, callback: () => void): () => void;
  /** Evenly from [0, 1). Not for secrets. */
  random(): number;
}

/** Timers of platforms count in 32 bits; what is longer would run at once. */
const TIMER_MS_MAX: number = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  schedule(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
