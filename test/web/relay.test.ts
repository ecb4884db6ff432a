import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PageRelay } from '../../client/cli/relay/page-relay.ts';
import { readWebPage } from '../../src/page/web-page.ts';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../src/protocol/limits.ts';
import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import { startCli } from '../support/cluster/cli-process.ts';
import { CliScene, textsOf } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { rawHttp } from '../support/raw-http.ts';
import { freePort } from '../support/services/server-process.ts';
import { pages } from '../support/web/pages.ts';

const NOWHERE = parseOrigin('ws://127.0.0.1:9') ?? expect.unreachable();

interface Relay {
  readonly address: string;
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly url: string;
  readonly secret: string;
  readonly relay: PageRelay;
}

async function startRelay(server: Origin): Promise<Relay> {
  const assets = readWebPage() ?? expect.unreachable('run npm run build first');
  const relay = await PageRelay.open({ server, assets, port: 0 });
  onTestFinished(() => relay.close());
  const { host, hash } = new URL(relay.address);
  const secret = new URLSearchParams(hash.slice(1)).get('secret') ?? expect.unreachable();
  return { address: relay.address, host, secret, relay, url: `http://${host}` };
}

/** A server that keeps what reaches it, and takes every connection. */
async function recordingServer(): Promise<{ readonly origin: Origin; readonly seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server: Server = createServer(({ headers }, response) => {
    seen.push(headers);
    response.setHeader('Set-Cookie', 'tracked=1').end('chunk');
  });
  server.on('upgrade', ({ headers }, socket) => {
    seen.push(headers);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = parseOrigin(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { origin: origin ?? expect.unreachable(), seen };
}

interface Sent {
  readonly host?: string;
  readonly origin?: string | undefined;
  readonly path: string;
  readonly lines?: readonly string[];
}

/** The status of the answer to these bytes. */
async function statusOf(relay: Relay, sent: Sent, kind: 'get' | 'upgrade' = 'get'): Promise<number> {
  const { host = relay.host, origin, path, lines = [] } = sent;
  const upgrade = [
    ...['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
    ...['Sec-WebSocket-Version: 13', `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`],
  ];
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ...(kind === 'upgrade' ? upgrade : ['Connection: close']),
    ...lines,
  ];
  const answer = await rawHttp(relay.url, `${head.join('\r\n')}\r\n\r\n`);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

describe('the relay of conclave web', () => {
  test('answers under its own address only, so that a rebound name reaches nothing', async () => {
    const relay = await startRelay(NOWHERE);
    const { port } = new URL(relay.url);
    for (const host of [`rebound.example:${port}`, `localhost:${port}`, '127.0.0.1', `[::1]:${port}`, 'x']) {
      const own = { host, origin: relay.url };
      expect(await statusOf(relay, { ...own, path: '/' })).toBe(421);
      expect(await statusOf(relay, { ...own, path: `/relay/${relay.secret}` })).toBe(421);
      const connection = { ...own, path: `/relay/${relay.secret}${WEBSOCKET_PATH}` };
      expect(await statusOf(relay, connection, 'upgrade')).toBe(421);
    }
    expect(await statusOf(relay, { path: '/' })).toBe(200);
  });

  test('takes nothing from a page of another site, even one that knows the secret', async () => {
    const relay = await startRelay(NOWHERE);
    const path = `/relay/${relay.secret}`;
    for (const origin of ['https://evil.example', 'null', relay.url.replace('127.0.0.1', 'localhost')]) {
      expect(await statusOf(relay, { origin, path })).toBe(403);
      expect(await statusOf(relay, { origin, path: path + WEBSOCKET_PATH }, 'upgrade')).toBe(403);
    }
    const crossSite = ['Sec-Fetch-Site: cross-site'];
    expect(await statusOf(relay, { path, lines: crossSite })).toBe(403);
    // A program without an origin is no page of this relay.
    expect(await statusOf(relay, { path: path + WEBSOCKET_PATH }, 'upgrade')).toBe(403);
    expect(await statusOf(relay, { origin: relay.url, path })).toBe(204);
  });

  test('takes nothing from somebody on this machine who does not know its secret, or guesses', async () => {
    const relay = await startRelay(NOWHERE);
    const { secret, url: origin } = relay;
    const guesses = [
      ...['', 'x', secret.slice(1), `${secret}A`, secret.toLowerCase(), encodeURIComponent(`${secret}/`)],
      `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`,
    ];
    for (const guess of guesses) {
      expect(await statusOf(relay, { origin, path: `/relay/${guess}` })).toBe(403);
      const connection = { origin, path: `/relay/${guess}${WEBSOCKET_PATH}` };
      expect(await statusOf(relay, connection, 'upgrade')).toBe(403);
    }
    expect(await statusOf(relay, { origin, path: WEBSOCKET_PATH }, 'upgrade')).toBe(404);
    const other = await startRelay(NOWHERE);
    expect(other.secret).not.toBe(secret);
    expect(await statusOf(other, { origin: other.url, path: `/relay/${secret}` })).toBe(403);
    // What is served to everybody on this machine says nothing of it.
    const page = await fetch(`${relay.url}/`);
    expect(`${await page.text()}${JSON.stringify([...page.headers])}`).not.toContain(secret);
  });

  test('passes on the connection and the chunks of files, and nothing else of the browser', async () => {
    const { origin, seen } = await recordingServer();
    const relay = await startRelay(origin);
    const cookies = ['Cookie: session=1', 'User-Agent: browser', 'Referer: http://127.0.0.1/'];
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
    socket.write(
      [
        `GET /relay/${relay.secret}${WEBSOCKET_PATH} HTTP/1.1`,
        ...[`Host: ${relay.host}`, `Origin: ${relay.url}`, 'Upgrade: websocket', 'Connection: Upgrade'],
        ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`],
        ...['Sec-WebSocket-Extensions: permessage-deflate', ...cookies],
        ...['', ''],
      ].join('\r\n'),
    );
    const [answer]: unknown[] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 101 /);
    const chunk = await fetch(`${relay.url}/relay/${relay.secret}/v1/files/abc/0`, {
      headers: { Authorization: 'Bearer ticket', Cookie: 'session=1' },
    });
    expect([chunk.status, chunk.headers.get('set-cookie'), await chunk.text()]).toEqual([200, null, 'chunk']);
    expect(seen.map((headers) => Object.keys(headers).sort())).toEqual([
      [
        ...['connection', 'host', 'sec-websocket-key', 'sec-websocket-protocol', 'sec-websocket-version'],
        'upgrade',
      ],
      ['authorization', 'connection', 'host'],
    ]);
    for (const path of ['/v1/files/../x/0', '/v1/files/abc/x', '/metrics', '//evil.example/v1'])
      expect(await statusOf(relay, { origin: relay.url, path: `/relay/${relay.secret}${path}` })).toBe(404);

    // It ends with all of its connections, and its port is free.
    const closed = once(socket, 'close');
    await relay.relay.close();
    await closed;
    const probe = createServer().listen(Number(new URL(relay.url).port), '127.0.0.1');
    await once(probe, 'listening');
    probe.close();
  });

  test('says that the server is away, and takes connections again once it is there', async () => {
    const port = await freePort();
    const relay = await startRelay(parseOrigin(`ws://127.0.0.1:${port}`) ?? expect.unreachable());
    const connection = { origin: relay.url, path: `/relay/${relay.secret}${WEBSOCKET_PATH}` };
    expect(await statusOf(relay, connection, 'upgrade')).toBe(502);
    const chunk = `/relay/${relay.secret}/v1/files/abc/0`;
    expect(await statusOf(relay, { origin: relay.url, path: chunk })).toBe(502);
    const late = createServer((_, response) => response.writeHead(404).end()).listen(port, '127.0.0.1');
    await once(late, 'listening');
    onTestFinished(() => void late.close());
    expect(await statusOf(relay, { origin: relay.url, path: chunk })).toBe(404);
  });
});

describe('conclave web', () => {
  const web = pages();

  test('serves the page for a server that serves none and takes no other origin, and ends when it is interrupted', async () => {
    const stage = await CliScene.with({ WEB: 'off' });
    onTestFinished(() => stage[Symbol.asyncDispose]());
    await stage.done('carol', 'register', 'carol');
    await stage.done('carol', 'create', 'Lobby');
    await using command = startCli([...stage.at('other'), '--json', 'web', '--port', '0']);
    const started = await eventually(() => {
      const line: unknown = JSON.parse(command.stdout());
      return line as { readonly url: string; readonly server: string };
    });
    expect(started.server).toBe(stage.gateway.url);
    const { hash, origin } = new URL(started.url);
    const ada = await web.register(origin, 'ada', { path: `/${hash}&room=Lobby` });
    await ada.isIn('Lobby');
    expect(ada.page.url()).not.toContain('secret');
    await ada.line('from this machine');
    await eventually(async () => {
      const told = await stage.done('carol', 'tail', 'Lobby', '--since', 'all', '--json');
      expect(textsOf(told)).toEqual(['from this machine']);
    });
    await ada.page
      .getByLabel('Send files')
      .setInputFiles({ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('to the sea') });
    await ada.button('send it').click();
    await ada.page.getByRole('button', { name: 'Save plan.txt' }).waitFor();
    const chooser = ada.page.waitForEvent('filechooser');
    await ada.line('/send');
    await (await chooser).setFiles({
      name: 'chart.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('deep'),
    });
    await ada.button('send it').click();
    await ada.page.getByRole('button', { name: 'Save chart.txt' }).waitFor();
    await ada.page.reload();
    await ada.shows('from this machine');
    expect(ada.complaints).toEqual([]);

    // Another tab without the secret gets no further than to be told so.
    const stranger = await web.open(origin);
    await stranger.page.getByText('This is the page of "conclave web".').waitFor();
    // A page of another site, which learned the secret, neither connects nor reads.
    const evil = await web.open((await recordingServer()).origin);
    const secret = new URLSearchParams(hash.slice(1)).get('secret');
    expect(
      await evil.page.evaluate(
        `new Promise((resolve) => {
          const socket = new WebSocket('${origin.replace('http', 'ws')}/relay/${secret}${WEBSOCKET_PATH}', '${SUBPROTOCOL}');
          socket.onopen = () => resolve('open');
          socket.onerror = () => resolve('refused');
        }).catch(() => 'refused')`,
      ),
    ).toBe('refused');

    const { port } = new URL(origin);
    const taken = startCli([...stage.at('other'), '--json', 'web', '--port', port]);
    taken.child.stdin?.end();
    expect(await taken.ended).toMatchObject({ code: 1 });
    expect(taken.stderr() + taken.stdout()).toContain('port_taken');
    command.child.kill('SIGINT');
    const ended = await command.ended;
    expect(ended.code).toBe(0);
    expect(ended.stderr).not.toContain(secret);
  });

  test('refuses what is no port', async () => {
    const stage = await web.scene('carol');
    for (const port of ['x', '65536', '-1', '1.5'])
      expect(await stage.refused('carol', 'web', `--port=${port}`)).toEqual([2, 'usage']);
  });
});
