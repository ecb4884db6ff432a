import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Balancer, type BalancerOptions, startBalancer } from '../../scripts/cluster/balancer.ts';
import { type DnsServer, startDnsServer } from '../../scripts/cluster/dns-server.ts';
import { type LiveGateway, startLiveGateway } from '../gateway/live-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/services/server-process.ts';

const ADDRESS = '127.0.1.1';

export interface Haproxy extends AsyncDisposable {
  readonly balancer: Balancer;
  readonly dns: DnsServer;
}

/** HAProxy with the deployed configuration, once it has found a gateway up at each of these addresses. */
export async function startHaproxy(
  addresses: readonly string[],
  options: Pick<BalancerOptions, 'env' | 'gatewayPort' | 'port'>,
): Promise<Haproxy> {
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
    const dns = await startDnsServer(folder('dns'));
    ends.push(() => dns.server[Symbol.asyncDispose]());
    dns.publish(addresses);
    const balancer = await startBalancer({ ...options, dir: folder('haproxy'), dnsServer: dns.address });
    ends.push(() => balancer.server[Symbol.asyncDispose]());
    await eventually(async () => {
      const views = await balancer.views();
      expect(addresses.map((address) => views.get(address))).toEqual(addresses.map(() => 'up'));
    });
    return { balancer, dns, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

export interface BehindHaproxy extends AsyncDisposable {
  readonly gateway: LiveGateway;
  /** Of HAProxy, as clients dial it. */
  readonly url: string;
}

/** One gateway that serves the page, and HAProxy before it. */
export async function behindHaproxy(): Promise<BehindHaproxy> {
  const [gatewayPort, port] = [await freePort(), await freePort()];
  const url = `ws://127.0.0.1:${port}`;
  const gateway = await startLiveGateway({
    ...{ HOST: ADDRESS, PORT: `${gatewayPort}`, TRUSTED_PROXIES: '127.0.0.0/8', PUBLIC_URLS: url, WEB: 'on' },
  });
  try {
    const haproxy = await startHaproxy([ADDRESS], { port, gatewayPort });
    return {
      ...{ gateway, url },
      [Symbol.asyncDispose]: async () => {
        await haproxy[Symbol.asyncDispose]();
        await gateway[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await gateway[Symbol.asyncDispose]();
    throw error;
  }
}
