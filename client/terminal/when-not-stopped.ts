/** A process that tells itself to stop is stopped before that call returns. */
const STOP_MS = 100;

/**
 * Runs `goOn` if this process, which has just told itself to stop, still runs. Where no shell waits for the job, as in
 * `ssh -t HOST conclave chat`, the system discards the signal, and nobody would ever continue the program. The function that is
 * returned calls it off.
 */
export function whenNotStopped(goOn: () => void): () => void {
  let last: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // After a stop, a SIGCONT that waits is heard before this.
    last = setImmediate(() => {
      callOff();
      goOn();
    });
  }, STOP_MS);
  const callOff = (): void => {
    clearTimeout(timer);
    clearImmediate(last);
    process.off('SIGCONT', callOff);
  };
  process.on('SIGCONT', callOff);
  return callOff;
}
