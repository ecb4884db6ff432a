import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { PATIENCE_MS, ratesOff } from '../support/cluster/patience.ts';
import { eventually } from '../support/eventually.ts';
import { type Certificate, makeCertificate } from '../support/services/certificate.ts';

/** A client that cannot connect tries for as long. */
const patience = ['--timeout', '3'] as const;
/** On a busy machine a client may run out of time before it dials, and then has nothing to say of the server. */
const untilDialled = (dial: () => Promise<void>): Promise<void> =>
  eventually(dial, { deadlineMs: PATIENCE_MS });

describe('a gateway that speaks TLS itself', () => {
  let folder: string;
  let certificate: Certificate;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conclave-tls-'));
    certificate = await makeCertificate('localhost');
    const { certFile: TLS_CERT_FILE, keyFile: TLS_KEY_FILE } = certificate;
    gateway = await startGateway({
      DATA_DIR: join(folder, 'data'),
      TLS_CERT_FILE,
      TLS_KEY_FILE,
      ...ratesOff,
    });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await certificate[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const port = (): string => new URL(gateway.url).port;
  const as = (server: string, env: Readonly<Record<string, string>>, ...args: string[]): Promise<CliResult> =>
    cli(['--server', server, '--profile', join(folder, 'profile'), '--no-passphrase', '--json', ...args], {
      env,
    });
  const trusting = (): Readonly<Record<string, string>> => ({ NODE_EXTRA_CA_CERTS: certificate.certFile });

  it('carries accounts and messages to clients that trust its certificate', async () => {
    const server = `wss://localhost:${port()}`;
    const registered = await as(server, trusting(), 'register', 'alice');
    expect(registered).toMatchObject({ code: 0, json: [{ type: 'identity', user: 'alice', server }] });
    expect(await as(server, trusting(), 'create', 'Lobby')).toMatchObject({ code: 0 });
    expect(await as(server, trusting(), 'send', 'Lobby', 'over TLS')).toMatchObject({ code: 0 });
    const tail = await as(server, trusting(), 'tail', 'Lobby');
    expect(tail.json).toMatchObject([{ type: 'message', text: 'over TLS', status: 'ok' }]);
  });

  it('shows when its certificate expires', async () => {
    const { validTo } = new X509Certificate(readFileSync(certificate.certFile));
    const seconds = new Date(validTo).getTime() / 1_000;
    expect(await gateway.metrics()).toContain(`conclave_tls_certificate_not_after_seconds ${seconds}\n`);
  });

  it('is told apart from one that speaks none, when a client dials the wrong way', async () => {
    await using plain = await startGateway({ DATA_DIR: join(folder, 'plain'), ...ratesOff });
    const stderrOf = async (server: string): Promise<string> =>
      (await as(server, trusting(), ...patience, 'register', 'wrongway')).stderr;
    const plainPort = new URL(plain.url).port;
    await untilDialled(async () => {
      const [plainly, secretly] = await Promise.all([
        stderrOf(`ws://localhost:${port()}`),
        stderrOf(`wss://localhost:${plainPort}`),
      ]);
      expect(plainly).toContain(
        `if it speaks TLS, use wss://localhost:${port()} instead of ws://localhost:${port()}`,
      );
      expect(secretly).toContain(
        `the server at localhost:${plainPort} does not speak TLS: try ws://localhost:${plainPort} instead of wss://localhost:${plainPort}`,
      );
    });
  });

  it('speaks TLS 1.3, and of TLS 1.2 only what has forward secrecy and authenticated encryption', async () => {
    const negotiated = (options: ConnectionOptions): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({
          port: Number(port()),
          host: '127.0.0.1',
          rejectUnauthorized: false,
          ...options,
        });
        socket.once('secureConnect', () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`);
          socket.destroy();
        });
        socket.once('error', () => resolve('refused'));
      });
    const old = (ciphers: string): Promise<string> => negotiated({ maxVersion: 'TLSv1.2', ciphers });
    expect(await negotiated({})).toMatch(/^TLSv1\.3 TLS_(AES|CHACHA20)/);
    expect(await old('ECDHE-RSA-AES128-GCM-SHA256')).toBe('TLSv1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
    for (const weak of ['AES128-SHA', 'AES256-SHA', 'AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA'])
      expect([weak, await old(`${weak}@SECLEVEL=0`)]).toEqual([weak, 'refused']);
    expect(await negotiated({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' })).toBe(
      'refused',
    );
  });

  it('is refused by clients that do not trust its certificate, or know it under another name', async () => {
    // Two names: all addresses of this machine are one server to a profile.
    const register = (name: string) => [...patience, 'register', name];
    await untilDialled(async () => {
      const [unknown, misnamed] = await Promise.all([
        as(`wss://localhost:${port()}`, {}, ...register('mallory')),
        as(`wss://127.0.0.1:${port()}`, trusting(), ...register('trudy')),
      ]);
      expect(unknown).toMatchObject({ code: 3, json: [{ type: 'error', code: 'no_connection' }] });
      expect(unknown.stderr).toMatch(/certificate/);
      expect(misnamed).toMatchObject({ code: 3 });
      expect(misnamed.stderr).toMatch(/certificate|altnames/);
    });
  });

  it('takes no TLS older than 1.2, and no plain connection', async () => {
    const dial = (options: object): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({
          port: Number(port()),
          host: '127.0.0.1',
          rejectUnauthorized: false,
          ...options,
        });
        socket.once('secureConnect', () => {
          resolve(socket.getProtocol() ?? 'none');
          socket.destroy();
        });
        socket.once('error', () => resolve('refused'));
      });
    expect(await dial({})).toBe('TLSv1.3');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    expect(await dial(old)).toBe('refused');
    const plain = await as(`ws://localhost:${port()}`, {}, ...patience, 'register', 'mallory');
    expect(plain).toMatchObject({ code: 3 });
  });
});
