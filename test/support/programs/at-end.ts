import type { ChildProcess } from 'node:child_process';
import { afterKill } from './after-kill.ts';

/** What is to be done when this process exits, or the one that forked it is gone, so that nothing is left running. */
const duties = new Set<() => void>();

/** `duty` may do nothing that waits. Gives how to forget it. */
export function atEnd(duty: () => void): () => void {
  duties.add(duty);
  return () => void duties.delete(duty);
}

/** `signal`: one that makes the child end, and whatever it has started. */
export function endsWithUs(child: ChildProcess, signal: NodeJS.Signals): void {
  // One that is asked to end would not get the time for it.
  const isKilled = signal === 'SIGKILL' && child.pid !== undefined;
  const forgetKill = isKilled ? afterKill({ pid: child.pid }) : () => undefined;
  const forgetEnd = atEnd(() => void child.kill(signal));
  child.once('exit', () => {
    forgetEnd();
    forgetKill();
  });
}

function doAll(): void {
  for (const duty of duties) duty();
  duties.clear();
}

function endNow(): void {
  doAll();
  process.kill(process.pid, 'SIGKILL');
}

process.on('exit', doAll);
// The runner of tests has ended before this worker of it: nobody waits for the tests that still run here.
process.once('disconnect', endNow);
// The runner ends its workers with SIGTERM, which by itself emits no 'exit'. A test that took too long has not cleaned up.
if (process.connected) process.once('SIGTERM', endNow);
