import { FileTransfers } from '../../../src/gateway/file-transfers.ts';
import type { StoreBackend } from '../../../src/ports/backend.ts';
import { openWebSocketServer } from '../../../src/transport/websocket-server.ts';
import { startEmbeddedGateway } from '../embedded-gateway.ts';
import { LosableHub } from '../ports/losable-clocks.ts';
import { openTemporaryStores } from '../ports/temporary-stores.ts';
import { type LossyBroker, lossyBroker } from './lossy-broker.ts';

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
    const node = await startEmbeddedGateway({
      ...{ stores, hub, nowMs, env: { NODE_ID: `node-${i}` } },
      relayed: (relay) => {
        const broker = lossyBroker(relay.broker);
        brokers.push(broker);
        return { ...relay, broker };
      },
    });
    const { config, core, gateway } = node;
    const server = await openWebSocketServer(config, gateway, {
      health: { state: () => ({ kind: 'ready' as const, degraded: [] }) },
      files: new FileTransfers(core, config),
      page: undefined,
    });
    urls.push(`ws://127.0.0.1:${server.port}`);
    ends.push(
      () => server.stop(),
      () => node.close(),
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
