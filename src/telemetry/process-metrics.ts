import { readdir, stat } from 'node:fs/promises';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** Gauges that end in `_total`, which only counters may; their sums are in the metrics without it. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];
/** Each look at the event loop wakes the process; at prom-client's 10 ms that is half of what an idle gateway costs. */
const LAG_PRECISION_MS = 50;
const OPEN_FILES = 'process_open_fds';
const OPEN_FILES_FOLDER = '/proc/self/fd';

/** Node's and the process's own metrics, under the names that dashboards know: `process_…`, `nodejs_…`. */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  if (registry.getSingleMetric(OPEN_FILES) !== undefined) countOpenFilesAside(registry);
}

/** prom-client lists the files itself, and the event loop waits: a tenth of a second with 50,000 connections. */
function countOpenFilesAside(registry: Registry): void {
  registry.removeSingleMetric(OPEN_FILES);
  new Gauge({
    name: OPEN_FILES,
    help: 'Number of open file descriptors.',
    registers: [registry],
    async collect() {
      this.set(await openFiles());
    },
  });
}

async function openFiles(): Promise<number> {
  // Since Linux 6.2 this is their number; before, 0.
  const { size } = await stat(OPEN_FILES_FOLDER);
  return size > 0 ? size : (await readdir(OPEN_FILES_FOLDER)).length;
}
