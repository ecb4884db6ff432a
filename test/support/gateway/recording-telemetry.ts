import type { Telemetry } from '../../../src/ports/telemetry.ts';

export interface TelemetryCall {
  readonly event: string;
  readonly values: readonly unknown[];
}

/** Telemetry that keeps what it was told. */
export function recordingTelemetry(): { telemetry: Telemetry; calls: TelemetryCall[] } {
  const calls: TelemetryCall[] = [];
  const telemetry = new Proxy({} as Telemetry, {
    get:
      (_, event) =>
      (...values: readonly unknown[]) =>
        void calls.push({ event: String(event), values }),
  });
  return { telemetry, calls };
}
