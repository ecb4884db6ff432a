import { useEffect } from 'preact/hooks';

/** How often it is looked whether somebody is still there: timers of a tab in the background are late anyway. */
const LOOK_MS = 5_000;
const MINUTE_MS = 60_000;
const SIGNS = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const;

/** Locks after so many minutes without a key or a pointer; 0: never. `isBusy`: something would be lost just now. */
export function useIdleLock(minutes: number, isBusy: () => boolean, lock: () => void): void {
  useEffect(() => {
    if (minutes === 0) return undefined;
    let seenMs = Date.now();
    const seen = (): void => {
      seenMs = Date.now();
    };
    const look = (): void => {
      if (Date.now() - seenMs >= minutes * MINUTE_MS && !isBusy()) lock();
    };
    const options = { capture: true, passive: true };
    for (const sign of SIGNS) addEventListener(sign, seen, options);
    // A machine that slept has no time to wait for the next look.
    document.addEventListener('visibilitychange', look);
    const timer = setInterval(look, LOOK_MS);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
      for (const sign of SIGNS) removeEventListener(sign, seen, options);
    };
  }, [minutes, isBusy, lock]);
}
