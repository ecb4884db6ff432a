import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import {
  askSocket,
  type Balancer,
  type BalancerView,
  haproxyConfig,
} from '../../scripts/cluster/balancer.ts';
import type { DnsServer } from '../../scripts/cluster/dns-server.ts';
import { startLiveGateway } from '../gateway/live-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { makeCertificate } from '../support/services/certificate.ts';
import { freePort, startServer } from '../support/services/server-process.ts';
import { startHaproxy } from './behind-haproxy.ts';
import { type StubGateway, startStubGateway } from './stub-gateway.ts';

const run = promisify(execFile);
const first = '127.0.1.1';
const second = '127.0.1.2';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Stage {
  readonly balancer: Balancer;
  readonly dns: DnsServer;
  readonly gateways: readonly [StubGateway, StubGateway];
}

async function setUp(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const keep = <Server extends AsyncDisposable>(server: Server): Server => {
    cleanups.push(async () => server[Symbol.asyncDispose]());
    return server;
  };
  const one = keep(await startStubGateway(first, 0));
  const two = keep(await startStubGateway(second, one.port));
  const { balancer, dns } = keep(
    await startHaproxy([first, second], { port: 0, gatewayPort: one.port, env }),
  );
  return { balancer, dns, gateways: [one, two] };
}

async function untilSeen(balancer: Balancer, views: Readonly<Record<string, BalancerView>>): Promise<void> {
  const look = async (): Promise<void> =>
    expect(Object.fromEntries(await balancer.views())).toMatchObject(views);
  await eventually(look);
}

/** Resolves when it is open. */
async function dial(url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, {
    ...options,
    headers: { 'X-Forwarded-For': '6.6.6.6', Forwarded: 'for=6.6.6.6' },
  });
  cleanups.push(async () => socket.terminate());
  await once(socket, 'open');
  return socket;
}

async function talk(socket: WebSocket): Promise<string> {
  socket.send('hello');
  const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(5_000) });
  return String(answer);
}

/** A certificate and its key, in the one file that HAProxy takes. */
async function certificateFile(): Promise<string> {
  const certificate = await makeCertificate('chat.example.org');
  cleanups.push(async () => certificate[Symbol.asyncDispose]());
  const both = `${certificate.keyFile}.both.pem`;
  writeFileSync(both, readFileSync(certificate.certFile, 'utf8') + readFileSync(certificate.keyFile, 'utf8'));
  return both;
}

test('HAProxy accepts its configuration without a warning, with and without TLS', async () => {
  for (const env of [{}, { TLS_CERTIFICATE: await certificateFile() }]) {
    const { stdout, stderr } = await run('haproxy', ['-c', '-f', haproxyConfig], {
      env: { ...process.env, ...env },
    });
    expect(stdout).toContain('Configuration file is valid');
    expect(stderr).not.toMatch(/WARNING|ALERT/);
  }
});

test('with a certificate clients come by TLS, of version 1.2 at least, and not without it', async () => {
  const { balancer, gateways } = await setUp({ TLS_CERTIFICATE: await certificateFile() });
  const secure = balancer.url.replace('ws:', 'wss:');
  const socket = await dial(secure, { rejectUnauthorized: false });
  expect(await talk(socket)).toMatch(/heard hello$/);
  const [request] = gateways.flatMap(({ requests }) => requests);
  expect(request?.['x-forwarded-for']).toBe('127.0.0.1');
  await expect(dial(balancer.url)).rejects.toThrow();
  const old = { rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
  await expect(dial(secure, { ...old, ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow();
  const weak = { rejectUnauthorized: false, maxVersion: 'TLSv1.2' } as const;
  for (const ciphers of ['AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA'])
    await expect(dial(secure, { ...weak, ciphers: `${ciphers}@SECLEVEL=0` })).rejects.toThrow();
});

test('new connections go to the gateway with the fewest, and each learns the real address of its client', async () => {
  const { balancer, gateways } = await setUp();
  for (let i = 0; i < 6; i += 1) await dial(balancer.url);
  expect(gateways.map(({ sockets }) => sockets.size)).toEqual([3, 3]);
  const headers = gateways.flatMap(({ requests }) => requests);
  expect(headers.map((request) => request['x-forwarded-for'])).toEqual(headers.map(() => '127.0.0.1'));
  expect(headers.map((request) => request['forwarded'])).toEqual(headers.map(() => undefined));
});

test('a gateway that drains (404) or lacks a backing service (503) gets nothing new and keeps what it has', async () => {
  const { balancer, gateways } = await setUp();
  const [one, two] = gateways;
  const sockets = [await dial(balancer.url), await dial(balancer.url)];
  one.readiness = 404;
  await untilSeen(balancer, { [first]: 'draining', [second]: 'up' });
  for (let i = 0; i < 4; i += 1) await dial(balancer.url);
  expect([one.sockets.size, two.sockets.size]).toEqual([1, 5]);
  one.readiness = 200;
  two.readiness = 503;
  await untilSeen(balancer, { [first]: 'up', [second]: 'down' });
  await dial(balancer.url);
  expect([one.sockets.size, two.sockets.size]).toEqual([2, 5]);
  const answers = await Promise.all(sockets.map(talk));
  expect(answers.sort()).toEqual([`${first} heard hello`, `${second} heard hello`]);
});

test('without a ready gateway the balancer says so itself, and a gateway that left DNS is forgotten', async () => {
  const { balancer, dns, gateways } = await setUp();
  const ask = async (): Promise<number> =>
    (await fetch(`${balancer.url.replace('ws', 'http')}/readyz`)).status;
  expect(await ask()).toBe(200);
  dns.publish([first]);
  await eventually(async () => expect([...(await balancer.views()).keys()]).toEqual([first]));
  gateways[0].readiness = 503;
  await untilSeen(balancer, { [first]: 'down' });
  expect(await ask()).toBe(503);
});

test('an address that connects too often is refused before it reaches a gateway, others are not', async () => {
  const { balancer, gateways } = await setUp({ ADDRESS_CONNECTS_MAX: '20' });
  const attempts = Array.from({ length: 40 }, () =>
    dial(balancer.url, { localAddress: '127.0.2.1' }).then(
      () => 'in',
      () => 'out',
    ),
  );
  const outcomes = await Promise.all(attempts);
  expect(outcomes.filter((outcome) => outcome === 'in').length).toBe(20);
  expect(gateways[0].requests.length + gateways[1].requests.length).toBe(20);
  await expect(dial(balancer.url, { localAddress: '127.0.2.2' })).resolves.toBeDefined();
});

test('the balancer has metrics of its own, with one state per gateway', async () => {
  const { balancer } = await setUp();
  const page = await (await fetch(`http://${balancer.metricsAddress}/metrics`)).text();
  expect(page).toMatch(/^haproxy_server_status\{proxy="gateways",server="gateway-\d+",state="UP"\} 1$/m);
  expect((await fetch(`http://${balancer.metricsAddress}/`)).status).toBe(404);
});

test('a script that only one gateway has is fetched from that one, and a path that only one has is not looked for', async () => {
  const { balancer, gateways } = await setUp();
  const [one, two] = gateways;
  one.files.set('/part-ABCDEFGH.js', 'of the build before').set('/only-one', 'a path');
  two.files.set('/style-ABCDEF23.css', 'of this build');
  const ask = async (path: string): Promise<string> => {
    const answer = await fetch(balancer.url.replace('ws:', 'http:') + path);
    return answer.ok ? answer.text() : `${answer.status}`;
  };
  const answers = async (path: string): Promise<readonly string[]> => {
    const each: string[] = [];
    for (let i = 0; i < 6; i += 1) each.push(await ask(path));
    return [...new Set(each)].sort();
  };
  expect(await answers('/part-ABCDEFGH.js')).toEqual(['of the build before']);
  expect(await answers('/style-ABCDEF23.css')).toEqual(['of this build']);
  expect(await answers('/part-ZZZZZZZZ.js')).toEqual(['404']);
  expect(await answers('/only-one')).toEqual(['404', 'a path']);
});

test('HAProxy does not start on a port on which a gateway listens', async () => {
  // A port that was chosen, as deployed ones are: the kernel lets nobody share one that it chose itself.
  await using gateway = await startLiveGateway({ PORT: `${await freePort()}` });
  const LISTEN = new URL(gateway.url.replace('ws:', 'http:')).host;
  const env = {
    ...process.env,
    LISTEN,
    LISTEN_METRICS: `127.0.0.1:${await freePort()}`,
    CONNECTIONS_MAX: '100',
  };
  const starting = run('haproxy', ['-db', '-f', haproxyConfig], { env, timeout: 10_000 });
  await expect(starting).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(LISTEN) });
});

test('a check by HEAD sees a gateway up and draining, on the clients\u2019 port and, by HTTP/1.0, on the admin port', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-haproxy-head-'));
  cleanups.push(async () => rmSync(dir, { recursive: true, force: true }));
  await using gateway = await startLiveGateway({ DRAIN_WAIT_SECONDS: '600' });
  // Keeps the drain waiting.
  await gateway.greeted();
  const address = (url: string): string => new URL(url.replace('ws:', 'http:')).host;
  const checks = (name: string, check: string, url: string): string => `
backend ${name}
    option httpchk ${check}
    http-check disable-on-404
    server gateway ${address(url)} check inter 100ms fall 2 rise 1
`;
  const file = join(dir, 'haproxy.cfg');
  const head = `global\n    stats socket ${dir}/stats.sock\ndefaults\n    mode http\n    timeout connect 2s\n    timeout client 2s\n    timeout server 2s\n`;
  writeFileSync(
    file,
    head +
      checks('clients', 'HEAD /readyz HTTP/1.1\\r\\nHost:\\ x', gateway.url) +
      checks('admin', 'HEAD /readyz', gateway.adminUrl),
  );
  const server = await startServer(
    {
      name: 'haproxy',
      command: () => ['haproxy', '-db', '-f', file],
      url: () => '',
      probe: async () => void (await askSocket(join(dir, 'stats.sock'), 'show info')),
    },
    { dir },
  );
  cleanups.push(() => server.stop());
  const seen = async (): Promise<readonly (string | undefined)[]> => {
    const states = parseStates(await askSocket(join(dir, 'stats.sock'), 'show stat'));
    return [states.get('clients'), states.get('admin')];
  };
  await eventually(async () => expect(await seen()).toEqual(['UP L7OK', 'UP L7OK']));
  void gateway.app.drain();
  await eventually(async () => expect(await seen()).toEqual(['NOLB L7OKC', 'NOLB L7OKC']));
});

/** State and last check of the one server of each backend, from HAProxy's table. */
function parseStates(csv: string): ReadonlyMap<string, string> {
  const [header = '', ...lines] = csv.replace(/^# /, '').trim().split('\n');
  const columns = header.split(',');
  const field = (line: string, name: string): string => line.split(',')[columns.indexOf(name)] ?? '';
  const servers = lines.filter((line) => field(line, 'svname') === 'gateway');
  return new Map(
    servers.map((line) => [field(line, 'pxname'), `${field(line, 'status')} ${field(line, 'check_status')}`]),
  );
}
