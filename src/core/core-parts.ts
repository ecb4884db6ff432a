import type { RelayBackend, StoreBackend } from '../ports/backend.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { ServiceLimits } from './service-limits.ts';

/** Wall clock: milliseconds since 1970. */
export interface WallClock {
  nowMs(): number;
}

/** What createServices is made of. */
export interface ServiceParts {
  readonly stores: StoreBackend;
  readonly relay: RelayBackend;
  readonly limits: ServiceLimits;
  readonly telemetry: Telemetry;
  readonly clock: WallClock;
}
