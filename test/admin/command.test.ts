import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';

let folder: string;
const servers: Server[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-admin-cli-'));
  await writeFile(join(folder, 'token'), 'the-token-of-the-operators\n');
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => rm(folder, { recursive: true }));

interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
}

/** A server that is no gateway, or one that means harm. */
async function serving(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly url: string; readonly heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    heard.push({ method: request.method, url: request.url, headers: request.headers });
    answer(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

const json = (status: number, body: unknown) => (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};

const admin = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
  cli(['--json', ...args], { program: 'admin', env });

describe('conclave-admin', () => {
  it('ends with 2 and says what is wrong before it asks anybody', async () => {
    await writeFile(join(folder, 'two'), 'one\ntwo\n');
    const wrong: readonly (readonly string[])[] = [
      [],
      ['frobnicate'],
      ['drain'],
      ['drain', '../../etc'],
      ['shed', 'node', '0'],
      ['shed', 'node', '1e3'],
      ['disable', 'no such name!'],
      ['purge', 'x'],
      ['purge', 'Lobby'],
      ['schema', '3'],
      ['--url', 'ws://127.0.0.1:8080', 'nodes'],
      ['--url', 'http://name:secret@127.0.0.1', 'nodes'],
      ['--url', 'http://127.0.0.1/admin', 'nodes'],
      ['--timeout', '0', 'nodes'],
      ['--token-file', join(folder, 'none'), 'nodes'],
      ['--token-file', join(folder, 'two'), 'nodes'],
    ];
    const results = await Promise.all(wrong.map((args) => admin(args)));
    for (const [i, result] of results.entries()) {
      expect([wrong[i], result.code]).toEqual([wrong[i], 2]);
      expect(result.json).toEqual([{ type: 'error', code: 'usage', message: expect.stringMatching(/./) }]);
      expect(result.stderr.trim()).not.toBe('');
    }
    const help = await cli(['--help'], { program: 'admin' });
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Examples:') });
  });

  it('sends the token of the file, from the option or the environment, to the address it was given and to no other', async () => {
    const other = await serving(json(200, { nodes: [] }));
    const moved = await serving((_request, response) => {
      response.writeHead(307, { Location: `${other.url}/admin/nodes` }).end();
    });
    const file = join(folder, 'token');
    const env = { CONCLAVE_ADMIN_TOKEN_FILE: file, CONCLAVE_ADMIN_URL: other.url };
    expect(await admin(['nodes'], env)).toMatchObject({ code: 0, json: [{ type: 'total', nodes: 0 }] });
    const [first] = other.heard;
    expect(first).toMatchObject({ method: 'GET', url: '/admin/nodes' });
    expect(first?.headers.authorization).toBe('Bearer the-token-of-the-operators');
    expect(first?.headers.origin).toBeUndefined();
    expect((await admin(['--url', moved.url, '--token-file', file, 'nodes'])).code).toBe(3);
    expect(moved.heard).toHaveLength(1);
    expect(other.heard).toHaveLength(1);
  });

  it('tells no connection, a refusal, a wrong address and a silent server apart', async () => {
    const closed = await serving(() => undefined);
    servers.at(-1)?.close();
    const gateway = await serving(json(503, { error: 'unavailable', message: 'Redis is away' }));
    const strict = await serving(json(401, { error: 'unauthorized', message: 'the token is missing' }));
    const older = await serving(json(404, { error: 'not_found', message: 'there is nothing here' }));
    const silent = await serving(() => undefined);
    const ask = (url: string) => admin(['--url', url, '--timeout', '5', 'nodes']);
    const results = await Promise.all([closed, gateway, strict, older, silent].map(({ url }) => ask(url)));
    expect(results.map(({ code, json: [line] }) => [code, line?.['code']])).toEqual([
      [3, 'no_connection'],
      [5, 'unavailable'],
      [4, 'unauthorized'],
      [5, 'not_found'],
      [7, 'timeout'],
    ]);
    expect(results[2]?.stderr).toContain('--token-file');
    expect(results[3]?.stderr).toContain('older gateway');
  });

  it('believes nothing that is no answer of a gateway, and shows no terminal tricks', async () => {
    const trick = '\u001b]0;owned\u0007';
    const node = { run: '0'.repeat(32), node: 'n', version: `1${trick}`, startedAt: 0, connections: 1 };
    const whole = { ...node, sessions: 1, rooms: 1, draining: false, leaseMs: 1 };
    const answers = [
      await serving((_request, response) => response.end('<html>')),
      await serving((_request, response) => response.end(Buffer.alloc(2_000_000, 0x20))),
      await serving(json(200, { nodes: [node] })),
      await serving(json(200, { nodes: [{ ...whole, node: `n${trick}` }] })),
      await serving(json(500, { error: `x${trick}`, message: `broken ${trick}` })),
      await serving(json(200, { nodes: [whole] })),
    ];
    const results = await Promise.all(
      answers.map(({ url }) => cli(['--url', url, 'nodes'], { program: 'admin' })),
    );
    expect(results.map(({ code }) => code)).toEqual([1, 1, 1, 1, 5, 0]);
    for (const { stdout, stderr } of results) expect(stdout + stderr).not.toContain('\u001b');
    expect(results[5]?.stdout).toContain('1 node, 1 connection, 1 session');
  });
});
