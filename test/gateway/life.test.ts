import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { App } from '../../src/app.ts';
import { loadBackends } from '../../src/backends.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

let gateway: LiveGateway | undefined;
afterEach(async () => {
  await gateway?.[Symbol.asyncDispose]();
  gateway = undefined;
});

const httpUrl = (url: string): string => url.replace(/^ws/, 'http');

describe('health routes', () => {
  it('say alive and ready on both ports, and show metrics on the admin port only', async () => {
    gateway = await startLiveGateway();
    for (const base of [httpUrl(gateway.url), gateway.adminUrl]) {
      expect((await fetch(`${base}/livez`)).status).toBe(200);
      expect((await fetch(`${base}/readyz`)).status).toBe(200);
    }
    expect((await fetch(`${httpUrl(gateway.url)}/metrics`)).status).toBe(404);
    const page = await fetch(`${gateway.adminUrl}/metrics`);
    expect(page.headers.get('content-type')).toContain('text/plain');
    expect(await page.text()).toContain('conclave_build_info{version="0.0.0"');
  });

  it('name what is missing while a backing service is away', async () => {
    const outcome = readConfig(
      {
        CONCLAVE_PORT: '0',
        CONCLAVE_ADMIN_PORT: '0',
        CONCLAVE_REDIS_URL: 'redis://127.0.0.1:1',
        CONCLAVE_MONGODB_URL: 'mongodb://127.0.0.1:1/none',
      },
      () => '',
    );
    if (!outcome.ok) throw new Error(outcome.problems.join('\n'));
    const logs: string[] = [];
    const app = new App({
      config: outcome.config,
      openBackends: await loadBackends(outcome.config),
      version: '0.0.0',
      log: { write: (line) => void logs.push(line) },
      onDrainOrder: () => undefined,
    });
    const started = app.start();
    const adminUrl = await eventually(() => {
      const [, url] = /"adminUrl":"([^"]+)"/.exec(logs.join('')) ?? [];
      if (url === undefined) throw new Error('not listening yet');
      return url;
    });
    await eventually(async () => {
      const answer = await fetch(`${adminUrl}/readyz`);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toEqual({ missing: ['broker', 'stores'] });
    });
    expect((await fetch(`${adminUrl}/livez`)).status).toBe(200);
    await eventually(() => expect(logs.join('')).toContain('ECONNREFUSED'));
    await app.stop();
    expect(await started).toEqual({ kind: 'stopped' });
  });
});

describe('a start', () => {
  it('is refused when the port is taken', async () => {
    gateway = await startLiveGateway();
    const port = new URL(httpUrl(gateway.url)).port;
    await expect(startLiveGateway({ PORT: port })).rejects.toThrow('in_use');
  });

  it('is refused when the certificate can not be read', async () => {
    const files = { TLS_CERT_FILE: '/nowhere/cert.pem', TLS_KEY_FILE: '/nowhere/key.pem' };
    await expect(startLiveGateway(files)).rejects.toThrow('configuration');
  });
});

describe('a drain', () => {
  it('tells every session when it is closed, spreads the closing, and ends', async () => {
    gateway = await startLiveGateway({ DRAIN_SECONDS: '1' });
    const live = gateway;
    const clients = await Promise.all(Array.from({ length: 8 }, () => live.greeted()));
    const startedAtMs = performance.now();
    const closedAfterMs = clients.map(({ closed }) => closed.then(() => performance.now() - startedAtMs));
    const drained = gateway.app.drain();
    await eventually(async () => expect((await fetch(`${live.adminUrl}/readyz`)).status).toBe(404));
    const told = await Promise.all(clients.map((client) => client.event('going-away')));
    const inMs = told.map((event) => event.inMs);
    expect(inMs.toSorted((a, b) => a - b)).toEqual(clients.map((_, index) => (index + 1) * 125));
    expect((await (await gateway.connect()).closed).code).toBe(3000);
    for (const client of clients) expect(await client.closed).toEqual({ code: 3000, reason: 'going_away' });
    for (const [index, afterMs] of (await Promise.all(closedAfterMs)).entries())
      expect(afterMs).toBeGreaterThanOrEqual(inMs[index] ?? 0);
    await drained;
  });

  it('waits for nothing when no session is open', async () => {
    gateway = await startLiveGateway({ DRAIN_WAIT_SECONDS: '60', DRAIN_SECONDS: '60' });
    const startedAtMs = performance.now();
    await gateway.app.drain();
    expect(performance.now() - startedAtMs).toBeLessThan(30_000);
  });

  it('answers the requests under way before it closes their session', async () => {
    gateway = await startLiveGateway();
    const keys = await newKeys();
    const client = await gateway.greeted();
    const account = await client.register('lastwords', keys);
    await client.login(account);
    const request = client.request('mine', {});
    const login = client.request('rooms', {});
    await gateway.app.interrupt();
    const answers = await Promise.all([request, login]);
    for (const answer of answers) expect(answer?.ok ?? answer?.error).toBeDefined();
    expect((await client.closed).code).toBe(3000);
    expect(await client.event('going-away')).toEqual({ inMs: 0 });
  });

  it('leaves nothing listening', async () => {
    gateway = await startLiveGateway();
    const port = Number(new URL(httpUrl(gateway.url)).port);
    await gateway.app.drain();
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(false));
      socket.on('error', () => resolve(true));
    });
    expect(refused).toBe(true);
  });
});
