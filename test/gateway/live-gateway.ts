import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '../../src/app.ts';
import { loadBackends } from '../../src/backends.ts';
import { ADMIN_TOKEN_FILE } from '../../src/protocol/admin-actions.ts';
import { gatewayConfig } from '../support/gateway-config.ts';
import { RawClient, type RawClientOptions } from '../support/raw-client.ts';

export interface LiveGateway extends AsyncDisposable {
  readonly app: App;
  readonly url: string;
  readonly adminUrl: string;
  readonly logs: string[];
  /** The one that it made in its data directory. */
  adminToken(): Promise<string>;
  /** Of the drain that an operator ordered; undefined: none was. */
  drained(): Promise<void> | undefined;
  connect(options?: RawClientOptions): Promise<RawClient>;
  /** Connected and greeted. */
  greeted(options?: RawClientOptions): Promise<RawClient>;
  /** One sample of /metrics, by its name with labels. */
  metric(name: string): Promise<number>;
}

/** A gateway on the embedded backend, in this process. `env`: keys without their prefix. */
export async function startLiveGateway(env: Readonly<Record<string, string>> = {}): Promise<LiveGateway> {
  const dataDir = await mkdtemp(join(tmpdir(), 'conclave-gateway-'));
  const quick = { DRAIN_WAIT_SECONDS: '0', DRAIN_SECONDS: '0' };
  const config = gatewayConfig({ ...quick, DATA_DIR: dataDir, ...env });
  const logs: string[] = [];
  const live: { drained: Promise<void> | undefined } = { drained: undefined };
  const app: App = new App({
    config,
    openBackends: await loadBackends(config),
    version: '0.0.0',
    log: { write: (line) => void logs.push(line) },
    onDrainOrder: () => {
      live.drained = app.drain();
    },
  });
  const started = await app.start();
  if (started.kind !== 'ready') {
    await rm(dataDir, { recursive: true, force: true });
    throw new Error(`not started: ${JSON.stringify(started)}`);
  }
  const { url, adminUrl } = started;
  const clients: RawClient[] = [];
  const connect = async (options?: RawClientOptions): Promise<RawClient> => {
    const client = await RawClient.connect(url, options);
    clients.push(client);
    return client;
  };
  return {
    app,
    url,
    adminUrl,
    logs,
    adminToken: async () => (await readFile(join(dataDir, ADMIN_TOKEN_FILE), 'utf8')).trim(),
    drained: () => live.drained,
    connect,
    greeted: async (options) => {
      const client = await connect(options);
      await client.hello();
      return client;
    },
    metric: async (name) => {
      const page = await (await fetch(`${adminUrl.replace('0.0.0.0', '127.0.0.1')}/metrics`)).text();
      const line = page.split('\n').find((candidate) => candidate.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.socket.terminate();
      await app.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
