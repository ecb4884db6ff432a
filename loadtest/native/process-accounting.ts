import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

const NS_PER_US = 1_000;

/**
 * CPU time that a process has used so far over all of its threads, in µs: the scheduler's own accounting, to the
 * nanosecond. `/proc/PID/stat` has the same sum in steps of 10 ms.
 */
export function cpuMicros(pid: number): number {
  let nanos = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [onCpu] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    nanos += Number(onCpu);
  }
  return nanos / NS_PER_US;
}

/** How long the main thread of a process was ready and had no core, because others had it, in µs. */
export function coreWaitMicros(pid: number): number {
  const [, waiting] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  return Number(waiting) / NS_PER_US;
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

/** Runnable tasks on average over the last minute: above the number of cores, others wanted them as well. */
export function loadNow(): string {
  return loadavg()[0]?.toFixed(1) ?? '?';
}

/** Microseconds of the machine's monotonic clock: one clock for all processes on it. */
export function monotonicMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
