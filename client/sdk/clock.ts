/** Time and chance as the SDK sees them: tests pass their own. */
export interface Clock {
  /** Milliseconds that never go back; the origin means nothing. */
  now(): number;
  /** Milliseconds since 1970 UTC. */
  wallTime(): number;
  /** Runs `callback` once after `ms`; the returned function cancels. */
  schedule(ms: number, callback: () => void): () => void;
  /** Evenly from [0, 1). Not for secrets. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  schedule(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
