import { existsSync, readdirSync, readFileSync } from 'node:fs';

const STOPPED_WITHIN_MS = 5_000;

/** Sends SIGSTOP and returns when none of its threads runs any more: until then it may still answer. */
export function suspend(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  const until = Date.now() + STOPPED_WITHIN_MS;
  while (!isStopped(pid)) if (Date.now() > until) throw new Error(`process ${pid} does not stop`);
}

/** Where the system has no /proc, it is taken for stopped. */
function isStopped(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return true;
  // The state follows the name, which is in parentheses and may hold any character.
  return readdirSync(tasks).every((task) => /\) [TtZX] /.test(statOf(`${tasks}/${task}/stat`)));
}

/** Of a thread that ended meanwhile, what the system says of a dead one. */
function statOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ') X ';
  }
}
