import { cpus, loadavg, release, type as systemType, totalmem } from 'node:os';

/** What figures were measured on, as one line. `store`: what has MongoDB's place. */
export function machineLine(store?: string): string {
  const cores = cpus();
  const gibibytes = (totalmem() / 1_024 ** 3).toFixed(0);
  return `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown CPU'}, ${gibibytes} GiB, ${systemType()} ${release()}, Node ${process.versions.node}${store === undefined ? '' : `, ${store}`}`;
}

/** Runnable tasks on average over the last minute, five and fifteen minutes: above the number of cores, others wanted them too. */
export function loadAverages(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
}
