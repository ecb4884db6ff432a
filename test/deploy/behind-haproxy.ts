import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startBalancer } from '../../scripts/cluster/balancer.ts';
import { startDnsServer } from '../../scripts/cluster/dns-server.ts';
import { type LiveGateway, startLiveGateway } from '../gateway/live-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/services/server-process.ts';

const ADDRESS = '127.0.1.1';

export interface BehindHaproxy extends AsyncDisposable {
  readonly gateway: LiveGateway;
  /** Of HAProxy, as clients dial it. */
  readonly url: string;
}

/** One gateway, and HAProxy with the deployed configuration before it. */
export async function behindHaproxy(): Promise<BehindHaproxy> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-haproxy-'));
  const ends: (() => PromiseLike<void>)[] = [async () => rmSync(dir, { recursive: true, force: true })];
  const end = async (): Promise<void> => {
    for (const each of ends.splice(0).reverse()) await each();
  };
  const folder = (name: string): string => {
    mkdirSync(join(dir, name));
    return join(dir, name);
  };
  try {
    const [gatewayPort, port] = [await freePort(), await freePort()];
    const url = `ws://127.0.0.1:${port}`;
    const gateway = await startLiveGateway({
      ...{
        HOST: ADDRESS,
        PORT: `${gatewayPort}`,
        TRUSTED_PROXIES: '127.0.0.0/8',
        PUBLIC_URLS: url,
        WEB: 'on',
      },
    });
    ends.push(() => gateway[Symbol.asyncDispose]());
    const dns = await startDnsServer(folder('dns'));
    ends.push(() => dns.server[Symbol.asyncDispose]());
    dns.publish([ADDRESS]);
    const options = { dir: folder('haproxy'), port, gatewayPort, dnsServer: dns.address, env: {} };
    const balancer = await startBalancer(options);
    ends.push(() => balancer.server[Symbol.asyncDispose]());
    await eventually(async () => expect((await balancer.views()).get(ADDRESS)).toBe('up'));
    return { gateway, url, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
