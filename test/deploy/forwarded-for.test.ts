import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startLiveGateway } from '../gateway/live-gateway.ts';
import { RawClient } from '../support/raw-client.ts';
import { type RunningServer, startServer } from '../support/services/server-process.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** HAProxy as many people set it up: it adds its own X-Forwarded-For line, and leaves the client's in place. */
async function startAddingProxy(gatewayPort: number): Promise<RunningServer> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-forwardfor-'));
  cleanups.push(async () => rmSync(dir, { recursive: true, force: true }));
  const proxy = await startServer(
    {
      name: 'haproxy',
      command: (port) => {
        const file = join(dir, `${port}.cfg`);
        writeFileSync(
          file,
          [
            'defaults',
            '  mode http',
            '  option forwardfor',
            '  timeout connect 2s',
            '  timeout client 20s',
            '  timeout server 20s',
            'listen clients',
            `  bind 127.0.0.1:${port}`,
            `  server gateway 127.0.0.1:${gatewayPort}`,
            '',
          ].join('\n'),
        );
        return ['haproxy', '-db', '-f', file];
      },
      url: (port) => `ws://127.0.0.1:${port}`,
      probe: async (port) => {
        await (await fetch(`http://127.0.0.1:${port}/livez`)).arrayBuffer();
      },
    },
    { dir },
  );
  cleanups.push(async () => proxy[Symbol.asyncDispose]());
  return proxy;
}

test('behind a proxy that adds its X-Forwarded-For line, a client cannot pass for other addresses', async () => {
  // 127.0.0.1 is the proxy, and 127.0.0.2 is where the client dials from.
  const gateway = await startLiveGateway({
    TRUSTED_PROXIES: '127.0.0.1/32',
    RATE_CONNECTIONS_ADDRESS: '1/h:1',
  });
  cleanups.push(async () => gateway[Symbol.asyncDispose]());
  const proxy = await startAddingProxy(Number(new URL(gateway.url).port));
  const dial = async (forged: string): Promise<RawClient> => {
    const client = await RawClient.connect(proxy.url, {
      headers: { 'X-Forwarded-For': forged },
      localAddress: '127.0.0.2',
    });
    cleanups.push(async () => client[Symbol.asyncDispose]());
    return client;
  };
  const first = await dial('203.0.113.1');
  expect((await first.hello())?.ok).toBeDefined();
  for (const forged of ['203.0.113.2', '203.0.113.3, 127.0.0.1']) {
    expect((await (await dial(forged)).closed).code).toBe(3004);
  }
});
