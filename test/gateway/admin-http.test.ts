import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { adminActionNames, adminActions } from '../../src/protocol/admin-actions.ts';
import type { AdminAccess } from '../../src/transport/admin-access.ts';
import { openAdminServer } from '../../src/transport/admin-server.ts';
import { startLiveGateway } from './live-gateway.ts';

const TOKEN = 'a-token-that-nobody-guesses';
const json = { 'Content-Type': 'application/json' } as const;
const bearer = { Authorization: `Bearer ${TOKEN}` } as const;

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(url, init);
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

/** Bytes as they are, where fetch would mend or refuse them. Resolves with all that came back. */
async function raw(adminUrl: string, request: string): Promise<string> {
  const { hostname, port } = new URL(adminUrl);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.write(request);
  await closed;
  return text;
}

/** The port alone, as a gateway opens it. */
async function startAdminPort(access: AdminAccess): Promise<AsyncDisposable & { readonly url: string }> {
  const server = await openAdminServer({
    host: '127.0.0.1',
    port: 0,
    isLoopback: true,
    page: { contentType: 'text/plain', text: async () => '' },
    health: { state: () => ({ kind: 'ready', degraded: [] }) },
    access: () => access,
    api: {
      act: () => expect.unreachable('an action was taken'),
      denied: () => undefined,
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: async () => server.close(),
  };
}

describe('the admin port', () => {
  it('answers every fault with its status and a code, and leaves metrics and probes open', async () => {
    await using gateway = await startLiveGateway({ ADMIN_TOKEN: TOKEN });
    const at = (path: string): string => `${gateway.adminUrl}${path}`;
    const post = { method: 'POST', headers: { ...json, ...bearer } };
    const cases: readonly [string, RequestInit, number, string][] = [
      ['/admin/nodes', {}, 401, 'unauthorized'],
      ['/admin/nodes', { headers: { Authorization: 'Bearer wrong' } }, 401, 'unauthorized'],
      ['/admin/nodes', { headers: { ...bearer, Origin: 'http://127.0.0.1' } }, 403, 'forbidden'],
      ['/admin/secrets', { headers: bearer }, 404, 'not_found'],
      ['/admin/', { headers: bearer }, 404, 'not_found'],
      ['/admin/nodes/', { headers: bearer }, 404, 'not_found'],
      ['/admin//nodes', { headers: bearer }, 404, 'not_found'],
      ['/ADMIN/nodes', { headers: bearer }, 404, 'not_found'],
      ['/admin/%6eodes', { headers: bearer }, 404, 'not_found'],
      ['/admin', { headers: bearer }, 404, 'not_found'],
      ['/admin/nodes', { ...post, body: '{}' }, 405, 'method_not_allowed'],
      ['/admin/drain', { headers: bearer }, 405, 'method_not_allowed'],
      ['/admin/drain', { ...post, method: 'PUT', body: '{}' }, 405, 'method_not_allowed'],
      ['/admin/drain', { ...post, headers: bearer, body: '{}' }, 415, 'unsupported_type'],
      [
        '/admin/drain',
        { ...post, headers: { ...bearer, 'Content-Type': 'application/jsonp' }, body: '{}' },
        415,
        'unsupported_type',
      ],
      ['/admin/drain', { ...post, body: '' }, 400, 'bad_request'],
      ['/admin/drain', { ...post, body: '{' }, 400, 'bad_request'],
      ['/admin/drain', { ...post, body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, 'bad_request'],
      ['/admin/drain', { ...post, body: '[]' }, 400, 'bad_request'],
      ['/admin/drain', { ...post, body: 'null' }, 400, 'bad_request'],
      ['/admin/drain', { ...post, body: '{"node":"../x"}' }, 400, 'bad_request'],
      ['/admin/drain', { ...post, body: '{"node":"n","force":true}' }, 400, 'bad_request'],
      ['/admin/drain', { ...post, body: '{"__proto__":{"node":"n"}}' }, 400, 'bad_request'],
      ['/admin/shed', { ...post, body: '{"node":"n","count":-1}' }, 400, 'bad_request'],
      ['/admin/shed', { ...post, body: '{"node":"n","count":1.5}' }, 400, 'bad_request'],
      ['/admin/drain', { ...post, body: `{"node":"${'n'.repeat(5_000)}"}` }, 413, 'too_large'],
      ['/admin/drain', { ...post, body: '{"node":"nobody"}' }, 404, 'no_such_node'],
    ];
    for (const [path, init, status, error] of cases) {
      const answer = await ask(at(path), init);
      expect([path, answer.status, answer.body]).toEqual([
        path,
        status,
        { error, message: expect.stringMatching(/./) },
      ]);
    }
    expect((await ask(at('/admin/nodes'))).headers.get('www-authenticate')).toBe('Bearer');
    expect((await ask(at('/admin/drain'), { headers: bearer })).headers.get('allow')).toBe('POST');
    for (const path of ['/metrics', '/livez', '/readyz']) expect((await fetch(at(path))).status).toBe(200);
    expect((await ask(at('/admin/nodes'), { headers: bearer })).status).toBe(200);
    expect(gateway.logs.join('')).not.toContain(TOKEN);
  });

  it('is not moved by huge, endless or broken requests', async () => {
    await using gateway = await startLiveGateway({ ADMIN_TOKEN: TOKEN });
    const head = `Host: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`;
    const huge = await raw(
      gateway.adminUrl,
      `POST /admin/drain HTTP/1.1\r\n${head}Content-Length: 1000000000\r\n\r\n${'x'.repeat(100_000)}`,
    );
    expect(huge).toMatch(/^HTTP\/1.1 413 /);
    const chunked = await raw(
      gateway.adminUrl,
      `POST /admin/drain HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n2000\r\n${'x'.repeat(0x2000)}\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1.1 413 /);
    const dots = await raw(gateway.adminUrl, `GET /admin/../metrics HTTP/1.1\r\n${head}\r\n`);
    expect(dots).toMatch(/^HTTP\/1.1 404 /);
    const unknown = await raw(gateway.adminUrl, 'BREW /admin/nodes HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(unknown).toMatch(/^HTTP\/1.1 400 /);
    // A client that goes away in the middle of its body.
    const { hostname, port } = new URL(gateway.adminUrl);
    const leaving = connect(Number(port), hostname);
    await once(leaving, 'connect');
    leaving.write(`POST /admin/drain HTTP/1.1\r\n${head}Content-Length: 100\r\n\r\n{"node":`);
    leaving.destroy();
    expect((await ask(`${gateway.adminUrl}/admin/nodes`, { headers: bearer })).status).toBe(200);
    expect(gateway.drained()).toBeUndefined();
  });

  it('makes a token in its data directory at the first start, and requires it on a loopback address too', async () => {
    await using gateway = await startLiveGateway();
    const url = `${gateway.adminUrl}/admin/nodes`;
    expect(await ask(url)).toMatchObject({ status: 401, body: { error: 'unauthorized' } });
    const token = await gateway.adminToken();
    const headers = { Authorization: `Bearer ${token}` };
    expect((await ask(url, { headers })).status).toBe(200);
    expect(gateway.logs.join('')).not.toContain(token);
  });

  it('on a loopback address serves metrics and actions by a loopback name only, and probes by any', async () => {
    await using gateway = await startLiveGateway({ ADMIN_TOKEN: TOKEN });
    const asked = (path: string, host: string): Promise<string> =>
      raw(
        gateway.adminUrl,
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`,
      );
    for (const path of ['/metrics', '/admin/nodes']) {
      expect(await asked(path, 'evil.example:9464')).toMatch(/^HTTP\/1.1 403 /);
      expect(await asked(path, 'localhost:9464')).toMatch(/^HTTP\/1.1 200 /);
    }
    for (const path of ['/livez', '/readyz'])
      expect(await asked(path, '10.1.2.3:9464')).toMatch(/^HTTP\/1.1 200 /);
  });

  it('on any other address is reached by any name', async () => {
    await using gateway = await startLiveGateway({ ADMIN_HOST: '0.0.0.0', ADMIN_TOKEN: TOKEN });
    const head = `Host: gateway.internal\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`;
    for (const path of ['/metrics', '/admin/nodes', '/readyz'])
      expect(await raw(gateway.adminUrl, `GET ${path} HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('without a token on a cluster is off for every action, and says so', async () => {
    await using admin = await startAdminPort({ kind: 'off' });
    for (const name of adminActionNames) {
      const method = adminActions[name].method.toUpperCase();
      const answer = await ask(`${admin.url}/admin/${name}`, { method, headers: json });
      expect(answer).toMatchObject({ status: 403, body: { error: 'forbidden' } });
      expect(JSON.stringify(answer.body)).toContain('CONCLAVE_ADMIN_TOKEN');
    }
    expect((await fetch(`${admin.url}/readyz`)).status).toBe(200);
  });

  it('counts and logs each action with its outcome, and about nobody', async () => {
    await using gateway = await startLiveGateway({ ADMIN_TOKEN: TOKEN });
    const post = { method: 'POST', headers: { ...json, ...bearer } };
    await ask(`${gateway.adminUrl}/admin/nodes`, { headers: bearer });
    await ask(`${gateway.adminUrl}/admin/drain`, { ...post, body: '{"node":"secret-name"}' });
    await ask(`${gateway.adminUrl}/admin/nodes`);
    const count = (action: string, outcome: string): Promise<number> =>
      gateway.metric(`conclave_admin_actions_total{action="${action}",outcome="${outcome}"}`);
    expect(await count('nodes', 'ok')).toBe(1);
    expect(await count('drain', 'no_such_node')).toBe(1);
    expect(await count('nodes', 'unauthorized')).toBe(1);
    const lines = gateway.logs.filter((line) => line.includes('"administered"'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { action: 'nodes', outcome: 'ok' },
      { action: 'drain', outcome: 'no_such_node' },
      { action: 'nodes', outcome: 'unauthorized' },
    ]);
    expect(gateway.logs.join('')).not.toContain('secret-name');
  });
});
