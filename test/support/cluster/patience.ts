import { rateKeys } from '../../../src/config/rate-keys.ts';

/** How long a busy machine may take for what takes a moment; a test that is about time names its own. */
export const PATIENCE_MS = 40_000;

/** What gateways of tests have unless they say otherwise: what is slow on a busy machine is not refused. */
export const patientBackends = { BACKEND_TIMEOUT_MS: '5000' } as const;

/** As shipped, for tests of what is refused, and how soon, while a service is away. */
export const promptBackends = { BACKEND_TIMEOUT_MS: '450' } as const;

/** Rates would only slow tests down: they are tested where they belong. */
export const ratesOff: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.values(rateKeys).map(({ name }) => [name, 'off'])),
  MAX_PENDING_CONNECTIONS: '1000000',
  MAX_PENDING_CONNECTIONS_ADDRESS: '1000000',
};
