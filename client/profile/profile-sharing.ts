import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import type { Sharing } from '../sdk/storage/sharing.ts';
import { isErrno } from './private-files.ts';

/** Who shares the state of an account, and which copy of it this is. `keys` is the file beside it that is never written in place. */
export function profileSharing(state: string, keys: string): Sharing {
  return { holder: nameOf(process.pid), mayRun, copy: copyOf(state, keys) };
}

/** The number of a process is given again, and another one in each container: where Linux tells, both are in the name. */
function nameOf(pid: number): string {
  return `${space()}.${pid}.${fieldsOf(pid)?.startedAt ?? ''}`;
}

function mayRun(holder: string): boolean {
  const [otherSpace, pid, startedAt] = holder.split('.');
  if (otherSpace !== space()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false;
  }
  const fields = fieldsOf(Number(pid));
  return fields === undefined || (fields.startedAt === startedAt && !'ZX'.includes(fields.state));
}

/** In which processes of other containers are not seen. */
function space(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}

function fieldsOf(pid: number): { readonly state: string; readonly startedAt: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold anything; of what follows it, these are the first field and the twentieth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** Where the files are on which machine. Restoring them, even in place, changes when `keys` was last written. */
function copyOf(state: string, keys: string): string {
  const [stateFile, keyFile] = [state, keys].map((path) =>
    statSync(path, { bigint: true, throwIfNoEntry: false }),
  );
  const place = [stateFile?.ino, keyFile?.ino, keyFile?.ctimeNs, machine()].join(' ');
  return createHash('sha256').update(place).digest('hex').slice(0, 32);
}

function machine(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}
