import { openEmbeddedRelay } from '../../src/adapters/embedded/open-embedded-relay.ts';
import type { GatewayConfig } from '../../src/config/gateway-config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { type Core, createCore } from '../../src/core/core.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import type { RelayBackend } from '../../src/ports/backend.ts';
import { patientBackends } from './cluster/patience.ts';
import { ratesOff } from './cluster/test-cluster.ts';
import type { LosableHub } from './ports/losable-clocks.ts';
import { silentTelemetry } from './ports/silent-telemetry.ts';
import type { TemporaryStores } from './ports/temporary-stores.ts';

export function gatewayConfig(env: Readonly<Record<string, string>>): GatewayConfig {
  const given = { PORT: '0', ADMIN_PORT: '0', ...patientBackends, ...ratesOff, ...env };
  const entries = Object.entries(given).map(([key, value]) => [`CONCLAVE_${key}`, value]);
  const outcome = readConfig(Object.fromEntries(entries), () => '');
  if (!outcome.ok) throw new Error(outcome.problems.join('\n'));
  return outcome.config;
}

export interface EmbeddedGateway {
  readonly gateway: Gateway;
  readonly core: Core;
  readonly config: GatewayConfig & { isAllowedOrigin(origin: string): boolean };
  /** The stores stay open. */
  close(): Promise<void>;
}

interface EmbeddedParts {
  readonly stores: TemporaryStores;
  /** Shared by the gateways that are to see each other. */
  readonly hub: LosableHub;
  readonly nowMs?: () => number;
  /** Keys of the configuration, without their prefix. */
  readonly env?: Readonly<Record<string, string>>;
  /** Stands between the gateway and its relay. */
  readonly relayed?: (relay: RelayBackend) => RelayBackend;
}

/** A gateway in this process that no transport serves yet. */
export async function startEmbeddedGateway({
  stores,
  hub,
  nowMs = Date.now,
  env = {},
  relayed = (relay) => relay,
}: EmbeddedParts): Promise<EmbeddedGateway> {
  const telemetry = silentTelemetry();
  const relay = relayed(openEmbeddedRelay({ telemetry, hub }));
  await relay.start();
  const config = { ...gatewayConfig({ DATA_DIR: stores.dataDir, ...env }), isAllowedOrigin: () => false };
  const core = createCore({ stores, relay, limits: config, telemetry, clock: { nowMs } });
  await core.start();
  const [version, node, onDrainOrder] = ['0.0.0', config.nodeId, (): void => undefined];
  const gateway = new Gateway({ core, limits: config, version, node, onDrainOrder });
  await gateway.start();
  const close = async (): Promise<void> => {
    await gateway.close();
    await core.close();
    await relay.close();
  };
  return { gateway, core, config, close };
}
