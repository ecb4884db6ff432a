import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../src/protocol/limits.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';

/** What somebody who opens the page for the first time has to load. */
const FIRST_LOAD_BYTES_MAX = 150 * 1024;

let folder: string;
let gateway: GatewayProcess;
const urlOf = ({ url }: GatewayProcess): string => url.replace(/^ws/, 'http');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-page-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data') });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
  return fetch(urlOf(gateway) + path, { method, headers: { 'Accept-Encoding': 'identity', ...headers } });
}

/** Paths that the page asks for at once. */
async function firstLoad(): Promise<readonly string[]> {
  const html = await (await get('/')).text();
  return [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
}

/** How a connection of a page from this origin begins: `open`, or the status of the refusal. */
function connectFrom(origin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(gateway.url + WEBSOCKET_PATH, SUBPROTOCOL, { origin });
    socket.once('open', () => {
      socket.close();
      resolve('open');
    });
    socket.once('unexpected-response', (request, { statusCode }) => {
      request.destroy();
      resolve(String(statusCode));
    });
    socket.once('error', reject);
  });
}

describe('a gateway that serves the page', () => {
  test('sends each file with its type and digest, and the page under a policy that lets nothing in or out', async () => {
    const paths = ['/', ...(await firstLoad())];
    const types = new Set<string | null>();
    for (const path of paths) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      types.add(answer.headers.get('content-type'));
      const isHashed = /-[A-Z0-9]{8}\./.test(path);
      expect(answer.headers.get('cache-control')).toBe(
        isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
      });
    }
    expect([...types].sort()).toEqual([
      'application/manifest+json',
      'image/svg+xml',
      'text/css; charset=utf-8',
      'text/html; charset=utf-8',
      'text/javascript; charset=utf-8',
    ]);
    const { port } = new URL(gateway.url);
    expect((await get('/')).headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "worker-src 'none'",
      "style-src 'self'",
      "img-src 'self' blob: data:",
      "manifest-src 'self'",
      `connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  test('sends what was compressed beforehand to browsers that take it, and nothing that one has already', async () => {
    const [script = ''] = (await firstLoad()).filter((path) => /\/main-.*\.js$/.test(path));
    const plain = Buffer.from(await (await get(script)).arrayBuffer());
    for (const [accepted, coding] of [
      ['gzip, deflate, br', 'br'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['zstd', null],
    ] as const) {
      const answer = await get(script, { 'Accept-Encoding': accepted });
      expect([accepted, answer.headers.get('content-encoding')]).toEqual([accepted, coding]);
      expect(answer.headers.get('vary')).toBe('Accept-Encoding');
      expect(Buffer.from(await answer.arrayBuffer()).equals(plain)).toBe(true);
      const tag = answer.headers.get('etag') ?? expect.fail('there is no ETag');
      const again = await get(script, { 'Accept-Encoding': accepted, 'If-None-Match': tag });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
    const head = await get('/', {}, 'HEAD');
    const whole = await get('/');
    expect(head.headers.get('content-length')).toBe(whole.headers.get('content-length'));
    expect(head.headers.get('etag')).toBe(whole.headers.get('etag'));
  });

  test('needs no more than 150 KiB for a first visit', async () => {
    let bytes = 0;
    for (const path of ['/', ...(await firstLoad())])
      bytes += Number((await get(path, { 'Accept-Encoding': 'br' }, 'HEAD')).headers.get('content-length'));
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
  });

  test('prints the digests of what it serves', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/src/main.js', '--web-digest']);
    const digests = new Map(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split('  ').reverse() as [string, string]),
    );
    for (const path of ['/', ...(await firstLoad())]) {
      const body = Buffer.from(await (await get(path)).arrayBuffer());
      expect([path, digests.get(path)]).toEqual([path, createHash('sha256').update(body).digest('hex')]);
    }
  });

  test('takes connections from its own page, and from no other', async () => {
    const { port } = new URL(gateway.url);
    for (const host of ['127.0.0.1', 'localhost', '[::1]'])
      expect(await connectFrom(`http://${host}:${port}`)).toBe('open');
    for (const origin of [`https://127.0.0.1:${port}`, 'http://127.0.0.1:1', 'https://example.org', 'null'])
      expect([origin, await connectFrom(origin)]).toEqual([origin, '403']);
  });

  test('answers other paths, and all of them with WEB=off, as one that serves no page', async () => {
    for (const path of ['/index.html', '/main.js', '/../package.json', '/web/', '/%2e%2e/package.json'])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    await using without = await startGateway({ DATA_DIR: join(folder, 'off'), WEB: 'off' });
    expect((await fetch(`${urlOf(without)}/`)).status).toBe(404);
    expect(without.logs.join('\n')).not.toContain('pageUrl');
  });

  test('allows its public addresses where it has some, and those alone', async () => {
    await using shown = await startGateway({
      DATA_DIR: join(folder, 'public'),
      WEB: 'on',
      PUBLIC_URLS: 'wss://chat.example.org',
    });
    const policy = (await fetch(`${urlOf(shown)}/`)).headers.get('content-security-policy');
    expect(policy).toContain("connect-src 'self' wss://chat.example.org:443;");
    expect(shown.logs.join('\n')).toContain('"pageUrl":"https://chat.example.org/"');
  });
});
