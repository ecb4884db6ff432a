import { pino } from 'pino';
import type { Telemetry } from '../src/ports/telemetry.ts';
import { createTelemetry } from '../src/telemetry/prometheus-telemetry.ts';

/** The real metrics, so that their cost is measured too; nothing is logged. */
export function silentTelemetry(): Telemetry {
  return createTelemetry(pino({ level: 'silent' }), { version: 'bench', nodeVersion: process.version });
}
