import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Gauges that end in `_total`, which only counters may; their sums are in the metrics without it. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/** Node's and the process's own metrics, under the names that dashboards know: `process_…`, `nodejs_…`. */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
}
