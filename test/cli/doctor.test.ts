import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { freePort } from '../support/services/server-process.ts';

let scene: CliScene;
beforeAll(async () => {
  // Another gateway takes its place at the end.
  scene = await CliScene.with({ PORT: `${await freePort()}`, LOG_LEVEL: 'debug' });
  await scene.done('ann', 'register', 'ann');
});
afterAll(() => scene[Symbol.asyncDispose]());

const at = (server: string, ...args: readonly string[]): Promise<CliResult> =>
  command(['--server', server, '--profile', join(scene.folder, 'profile'), '--json', ...args]);

/** The checks that are not ok, by name. */
function wrongIn({ code, json }: CliResult): Readonly<Record<string, unknown>> {
  const wrong = json.filter(({ type, ok }) => type === 'check' && ok === false);
  expect(code).toBe(1);
  return Object.fromEntries(wrong.map(({ name, message }) => [String(name), message]));
}

async function answering(status: number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('conclave doctor', () => {
  it('finds nothing wrong where all is well, and names the connection that the gateway logged', async () => {
    const { code, json, stderr } = await at(scene.gateway.url, 'doctor');
    expect([code, stderr]).toEqual([0, '']);
    expect(json.map(({ name, ok }) => [name, ok])).toEqual(
      [
        ...['keys of ann', 'open files', 'connection', 'transport', 'server', 'services', 'clock', 'account'],
        'prekeys',
      ].map((name) => [name, true]),
    );
    const connection = json.find(({ name }) => name === 'connection')?.['connection'];
    expect(connection).toMatch(/^[0-9a-f]{8}$/);
    const logged = scene.gateway.logs.filter((line) => line.includes(String(connection)));
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'debug', event: 'connection_greeted', connection },
      { level: 'debug', event: 'connection_closed', connection, code: 1000, reason: 'normal' },
    ]);
    const logins = scene.gateway.logs.filter((line) => line.includes('"event":"login"'));
    expect(logins.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ way: expect.stringMatching(/login|resume/), outcome: 'ok' }),
    );
    expect(scene.gateway.logs.join('')).not.toContain('ann');
  });

  it('tells for how long the account has prekeys, and how each of its rooms is encrypted', async () => {
    for (const line of [
      ['create', 'Plain'],
      ['create', 'Vault', '--suite', '2'],
      ['send', 'Vault', 'hello'],
    ])
      await scene.done('ann', ...line);
    const { code, json } = await at(scene.gateway.url, 'doctor');
    expect(code).toBe(0);
    const told = json.slice(-3).sort((one, other) => (String(one['room']) < String(other['room']) ? -1 : 1));
    expect(told).toEqual([
      {
        ...{ type: 'check', name: 'encryption', room: 'Plain', ok: true, suite: 1 },
        message: 'suite 1, without forward secrecy',
      },
      {
        ...{ type: 'check', name: 'encryption', room: 'Vault', ok: true, suite: 2 },
        ...{ exposedBy: [], withoutPrekeys: [] },
        message: 'suite 2; all members that are known here have prekeys',
      },
      {
        ...{ type: 'check', name: 'prekeys', ok: true, weeksAhead: 8, publishedAt: expect.any(String) },
        message: expect.stringMatching(/^published for this week and the next 8 weeks, last at \d{4}-/),
      },
    ]);
    const shown = await command([...scene.options('ann'), 'doctor']);
    expect(shown.stdout).toContain('ok      encryption of Vault: suite 2; ');
  });

  it('finds a key file that was cut short', async () => {
    const keys = join(await scene.accountFolder('profile', 'ann'), 'keys');
    const whole = await readFile(keys);
    await writeFile(keys, whole.subarray(0, 500));
    try {
      const said = await at(scene.gateway.url, 'doctor');
      expect(wrongIn(said)).toEqual({ 'keys of ann': expect.stringContaining(`${keys} is damaged`) });
      expect(said.json).toContainEqual(
        expect.objectContaining({
          name: 'account',
          message: 'not tried: there are no keys that can be used',
        }),
      );
    } finally {
      await writeFile(keys, whole);
    }
  });

  it.each([
    [404, 'answers, but is not a Conclave server: check the address'],
    [403, 'refused the connection: ask its operator'],
    [400, 'does not allow WebSockets'],
    [503, 'a proxy answers at'],
  ])('says what an address is that answers with status %i', async (status, words) => {
    const wrong = wrongIn(await at(`ws://${await answering(status)}`, 'doctor'));
    expect(wrong['connection']).toContain(words);
  });

  it('tells TLS where there is none, a port where nothing listens, and a host that is none apart', async () => {
    const { port } = new URL(scene.gateway.url);
    const [tls, closed, nowhere] = await Promise.all(
      [`wss://127.0.0.1:${port}`, `ws://127.0.0.1:${await freePort()}`, 'ws://no-such-host.invalid:1'].map(
        async (server) => wrongIn(await at(server, 'doctor'))['connection'],
      ),
    );
    expect(tls).toBe(
      `the server at 127.0.0.1:${port} does not speak TLS: try ws://127.0.0.1:${port} instead of wss://127.0.0.1:${port}`,
    );
    expect(closed).toMatch(/^nothing answers at 127\.0\.0\.1:\d+: is the server running\?$/);
    expect(nowhere).toMatch(/no host called no-such-host\.invalid|address of no-such-host\.invalid cannot/);
  });

  it('finds a server that does not know the account', async () => {
    const { port } = new URL(scene.gateway.url);
    await scene.gateway.kill();
    await using other = await startGateway({ DATA_DIR: join(scene.folder, 'other'), PORT: port });
    const wrong = wrongIn(await at(other.url, 'doctor'));
    expect(wrong).toEqual({
      account: expect.stringMatching(
        /^127\.0\.0\.1:\d+ does not know this account .* or somebody is intercepting\./,
      ),
    });
  });
});
