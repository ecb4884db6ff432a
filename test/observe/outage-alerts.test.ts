import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Balancer, startBalancer } from '../../scripts/cluster/balancer.ts';
import { startDnsServer } from '../../scripts/cluster/dns-server.ts';
import { startPrometheus } from '../../scripts/cluster/prometheus.ts';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../src/protocol/limits.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { eventually } from '../support/eventually.ts';

const CLIENTS = 25;
/** What is promised: a total outage is told within half a minute, at the pace at which deploy/ scrapes. */
const TOLD_MS_MAX = 30_000;
const OVER_MS_MAX = 60_000;

interface Stage {
  readonly balancer: Balancer;
  /** Names of the critical alerts that fire. */
  readonly critical: () => Promise<readonly string[]>;
  /** Resolves when all clients are connected, and Prometheus has seen them and the balancer. */
  readonly connectAll: () => Promise<void>;
}

async function setUp(): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-outage-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const keep = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
    onTestFinished(() => resource[Symbol.asyncDispose]());
    return resource;
  };
  const folder = (name: string): string => {
    mkdirSync(join(dir, name));
    return join(dir, name);
  };
  const gateway = keep(
    await startGateway({
      DATA_DIR: folder('data'),
      ...ratesOff,
      LOGIN_SECONDS: '300',
      SILENCE_SECONDS: '300',
    }),
  );
  const dns = await startDnsServer(folder('dns'));
  keep(dns.server);
  dns.publish(['127.0.0.1']);
  const gatewayPort = Number(new URL(gateway.url).port);
  const balancer = await startBalancer({
    dir: folder('haproxy'),
    port: 0,
    gatewayPort,
    dnsServer: dns.address,
  });
  keep(balancer.server);
  const prometheus = await startPrometheus(folder('prometheus'));
  keep(prometheus.server);
  prometheus.publish('gateway', [new URL(gateway.adminUrl).host]);
  prometheus.publish('haproxy', [balancer.metricsAddress]);

  const query = async (expr: string): Promise<QueryAnswer['data']['result']> => {
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(expr)}`);
    return ((await answer.json()) as QueryAnswer).data.result;
  };
  return {
    balancer,
    critical: async () => {
      const firing = await query('ALERTS{alertstate="firing", severity="critical"}');
      return firing.map(({ metric }) => metric['alertname'] ?? '').sort();
    },
    connectAll: async () => {
      await Promise.all(Array.from({ length: CLIENTS }, () => connect(balancer.url)));
      const value = async (expr: string): Promise<number> => Number((await query(expr))[0]?.value[1]);
      await eventually(
        async () => {
          expect(await value('job:conclave_connections:sum')).toBe(CLIENTS);
          expect(await value('up{job="conclave-haproxy"}')).toBe(1);
        },
        { pauseMs: 100 },
      );
    },
  };
}

interface QueryAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

/** Again and again until the balancer sends it to a gateway. */
async function connect(url: string): Promise<void> {
  await eventually(async () => {
    const socket = new WebSocket(`${url}${WEBSOCKET_PATH}`, SUBPROTOCOL);
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    socket.on('error', () => undefined);
  });
}

test('a balancer that is killed is told within half a minute, and soon after its return nothing is', async () => {
  const { balancer, connectAll, critical } = await setUp();
  await connectAll();
  expect(await critical()).toEqual([]);
  await balancer.server.kill();
  await eventually(
    async () => expect(await critical()).toEqual(['ConclaveClientsGone', 'ConclaveNoBalancer']),
    { deadlineMs: TOLD_MS_MAX },
  );
  await balancer.server.restart();
  await connectAll();
  await eventually(async () => expect(await critical()).toEqual([]), { deadlineMs: OVER_MS_MAX });
}, 180_000);

test('a balancer that is stopped is told within half a minute', async () => {
  const { balancer, connectAll, critical } = await setUp();
  await connectAll();
  // The process that serves; the one that was started only watches over it.
  const { pid } = balancer.server;
  const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  const signalAll = (signal: 'SIGSTOP' | 'SIGCONT'): void => {
    for (const worker of workers) process.kill(worker, signal);
  };
  signalAll('SIGSTOP');
  onTestFinished(() => {
    if (balancer.server.isAlive) signalAll('SIGCONT');
  });
  await eventually(async () => expect(await critical()).toContain('ConclaveNoBalancer'), {
    deadlineMs: TOLD_MS_MAX,
  });
  signalAll('SIGCONT');
  await eventually(async () => expect(await critical()).toEqual([]), { deadlineMs: OVER_MS_MAX });
}, 180_000);
