import type { Telemetry } from '../../../src/ports/telemetry.ts';

const nothing = (): void => undefined;

/** Tells nobody, but for what a test listens to. */
export function silentTelemetry(heard: Partial<Telemetry> = {}): Telemetry {
  return new Proxy(heard as Telemetry, {
    get: (listeners, event) => Reflect.get(listeners, event) ?? nothing,
  });
}
