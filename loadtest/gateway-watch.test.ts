import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { eventually } from '../test/support/eventually.ts';
import { GatewayWatch, gatewayLines, sumOf } from './gateway-watch.ts';

const page = (deliveries: number, connections: number): string =>
  [
    '# TYPE conclave_deliveries_total counter',
    `conclave_deliveries_total ${deliveries}`,
    'conclave_logins_total{way="login",outcome="ok"} 3',
    'conclave_logins_total{way="resume",outcome="ok"} 4',
    `conclave_connections ${connections}`,
    'conclave_connections_max 50000',
    'process_cpu_seconds_total 1.5',
    `conclave_store_operations_total{operation="append",outcome="ok"} ${deliveries}`,
    'conclave_store_operations_total{operation="page",outcome="ok"} 3',
  ].join('\n');

describe('watching gateways', () => {
  test('a metric is the sum of its series, and no metric whose name only begins like it', () => {
    expect(sumOf(page(10, 2), 'conclave_logins_total')).toBe(7);
    expect(sumOf(page(10, 2), 'conclave_connections')).toBe(2);
    expect(sumOf(page(10, 2), 'conclave_nothing')).toBe(0);
  });

  test('counters are told since the start, gauges at their highest; one that ends keeps its last look', async () => {
    const pages = [page(10, 5), page(25, 3)];
    const server = createServer((_, response) => response.end(pages.shift() ?? page(25, 1)));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const watch = new GatewayWatch(() => [`http://127.0.0.1:${port}/metrics`, 'http://127.0.0.1:1/metrics']);
    await watch.start();
    const figures = await watch.stop();
    server.close();
    expect(figures).toMatchObject({ gateways: 1, deliveries: 15, connections: 5, logins: 0 });
    if (figures === undefined) return expect.unreachable();
    const lines = gatewayLines(figures).join('\n');
    expect(lines).toContain('made 15 deliveries');
    expect(lines).toContain('operations of the stores: 15 (append 15)');
  });

  test('one that no longer answers has no connections, and is told beside the counts', async () => {
    const servers = [10, 20].map((deliveries) =>
      createServer((_, response) => response.end(page(deliveries, 4))),
    );
    const urls = await Promise.all(
      servers.map(async (server) => {
        await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
      }),
    );
    const watch = new GatewayWatch(() => urls);
    await watch.start();
    expect(watch.now).toMatchObject({ connections: 8, silent: 0 });
    for (const server of servers.slice(0, 1)) {
      server.closeAllConnections();
      server.close();
    }
    await eventually(() => expect(watch.now).toMatchObject({ connections: 4, silent: 1 }));
    const figures = (await watch.stop()) ?? expect.unreachable();
    for (const server of servers) server.close();
    expect(gatewayLines(figures).join('\n')).toContain(
      '1 gateways ended meanwhile or did not answer at the end',
    );
  });

  test('there are no figures of gateways that never answer', async () => {
    const watch = new GatewayWatch(() => ['http://127.0.0.1:1/metrics']);
    await watch.start();
    expect(watch.now).toBeUndefined();
    expect(await watch.stop()).toBeUndefined();
  });
});
