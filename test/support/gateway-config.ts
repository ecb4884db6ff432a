import type { GatewayConfig } from '../../src/config/gateway-config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { patientBackends, ratesOff } from './cluster/patience.ts';

/** Of a gateway in this process. `env`: keys without their prefix. */
export function gatewayConfig(env: Readonly<Record<string, string>>): GatewayConfig {
  const given = { PORT: '0', ADMIN_PORT: '0', ...patientBackends, ...ratesOff, ...env };
  const entries = Object.entries(given).map(([key, value]) => [`CONCLAVE_${key}`, value]);
  const outcome = readConfig(Object.fromEntries(entries), () => '');
  if (!outcome.ok) throw new Error(outcome.problems.join('\n'));
  return outcome.config;
}
