import { pino } from 'pino';
import { createTelemetry } from '../src/telemetry/prometheus-telemetry.ts';

/** The gateway's own metrics, in the order in which it makes them. */
export function metricsTable(): string {
  const { metrics } = createTelemetry(pino({ level: 'silent' }), { version: '', nodeVersion: '' });
  const rows = metrics.map(({ name, type, labels, help }) => {
    return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
  });
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
