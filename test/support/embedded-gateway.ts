import { openEmbeddedRelay } from '../../src/adapters/embedded/open-embedded-relay.ts';
import type { GatewayConfig } from '../../src/config/gateway-config.ts';
import { type Core, createCore } from '../../src/core/core.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import type { RelayBackend } from '../../src/ports/backend.ts';
import { gatewayConfig } from './gateway-config.ts';
import type { LosableHub } from './ports/losable-clocks.ts';
import { silentTelemetry } from './ports/silent-telemetry.ts';
import type { TemporaryStores } from './ports/temporary-stores.ts';

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
