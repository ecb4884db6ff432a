import { openEmbeddedRelay } from '../../../src/adapters/embedded/open-embedded-relay.ts';
import type { GatewayConfig } from '../../../src/config/gateway-config.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import { createCore } from '../../../src/core/core.ts';
import { FileTransfers } from '../../../src/gateway/file-transfers.ts';
import { Gateway } from '../../../src/gateway/gateway.ts';
import type { StoreBackend } from '../../../src/ports/backend.ts';
import { openWebSocketServer } from '../../../src/transport/websocket-server.ts';
import { patientBackends } from '../cluster/patience.ts';
import { ratesOff } from '../cluster/test-cluster.ts';
import { LosableHub } from '../ports/losable-clocks.ts';
import { silentTelemetry } from '../ports/silent-telemetry.ts';
import { openTemporaryStores } from '../ports/temporary-stores.ts';
import { LossyBroker } from './lossy-broker.ts';

/** Gateways that share a relay and stores, and what a test does to what is between them. */
export interface GatewayGroup extends AsyncDisposable {
  readonly urls: readonly string[];
  /** What the gateways have stored. */
  readonly stores: StoreBackend;
  /** Milliseconds since 1970, for gateways and clients. */
  nowMs(): number;
  /** It is so much later, where gateways have a clock of their own. */
  passMs(ms: number): void;
  /** What Redis holds for a cluster is gone. */
  emptyRelay(): Promise<void>;
  /** Events are lost, at the latest until hear() tells the gateways of the gap. */
  deafen(): Promise<void>;
  hear(): void;
}

export function gatewayConfig(env: Readonly<Record<string, string>>): GatewayConfig {
  const given = { PORT: '0', ADMIN_PORT: '0', ...patientBackends, ...ratesOff, ...env };
  const entries = Object.entries(given).map(([key, value]) => [`CONCLAVE_${key}`, value]);
  const outcome = readConfig(Object.fromEntries(entries), () => '');
  if (!outcome.ok) throw new Error(outcome.problems.join('\n'));
  return outcome.config;
}

/** In this process, on the embedded relay and the embedded stores. */
export async function embeddedGroup(count: number): Promise<GatewayGroup> {
  let aheadMs = 0;
  const nowMs = (): number => Date.now() + aheadMs;
  const stores = await openTemporaryStores({ now: nowMs });
  const hub = new LosableHub(nowMs);
  const brokers: LossyBroker[] = [];
  const urls: string[] = [];
  const ends: (() => Promise<void> | void)[] = [];
  for (let i = 0; i < count; i += 1) {
    const telemetry = silentTelemetry();
    const relay = openEmbeddedRelay({ telemetry, hub });
    await relay.start();
    const broker = new LossyBroker(relay.broker);
    brokers.push(broker);
    const settings = { DATA_DIR: stores.dataDir, NODE_ID: `node-${i}` };
    const config = { ...gatewayConfig(settings), isAllowedOrigin: () => false };
    const parts = { stores, relay: { ...relay, broker }, limits: config, telemetry, clock: { nowMs } };
    const core = createCore(parts);
    await core.start();
    const [version, node, onDrainOrder] = ['0.0.0', config.nodeId, (): void => undefined];
    const gateway = new Gateway({ core, limits: config, version, node, onDrainOrder });
    await gateway.start();
    const routes = {
      health: { state: () => ({ kind: 'ready' as const }) },
      files: new FileTransfers(core, config),
      page: undefined,
    };
    const server = await openWebSocketServer(config, gateway, routes);
    urls.push(`ws://127.0.0.1:${server.port}`);
    ends.push(
      () => server.stop(),
      () => gateway.close(),
      () => core.close(),
      () => relay.close(),
      () => server.close(),
    );
  }
  return {
    urls,
    stores,
    nowMs,
    passMs: (ms) => {
      aheadMs += ms;
    },
    emptyRelay: async () => hub.clocks.lose(),
    deafen: async () => {
      for (const broker of brokers) broker.deafen();
    },
    hear: () => {
      for (const broker of brokers) broker.hear();
    },
    [Symbol.asyncDispose]: async () => {
      for (const end of ends) await end();
      await stores[Symbol.asyncDispose]();
    },
  };
}
