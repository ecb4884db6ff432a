import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { endsWithUs } from '../support/programs/at-end.ts';
import { RawClient } from '../support/raw-client.ts';
import { makeCertificate } from '../support/services/certificate.ts';
import { mountSmallDisk, skipUnlessMountable } from '../support/services/small-disk.ts';

const children: ChildProcess[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function dataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-process-'));
  folders.push(folder);
  return folder;
}

function run(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  nodeArgs: readonly string[] = [],
) {
  const given = Object.entries(env).map(([key, value]) => [`CONCLAVE_${key}`, value]);
  const child = spawn(process.execPath, [...nodeArgs, 'dist/src/main.js', ...args], {
    env: { PATH: process.env['PATH'], ...Object.fromEntries(given) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endsWithUs(child, 'SIGKILL');
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => {
    output.stdout += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    output.stderr += text.toString();
  });
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const ready = (): Promise<{ url: string; adminUrl: string }> =>
    eventually(() => {
      const line = output.stdout.split('\n').find((candidate) => candidate.includes('"event":"ready"'));
      return JSON.parse(line ?? '') as { url: string; adminUrl: string };
    });
  return { child, output, exit, ready };
}

/** The lines of the log about this event. */
function logged(stdout: string, event: string): readonly unknown[] {
  const entries = stdout
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { event: string }]));
  return entries.filter((entry) => entry.event === event);
}

const FREE = { PORT: '0', ADMIN_PORT: '0' };

describe('the gateway process', () => {
  it('tells of both services that are away, and what to change in the URL of the one', async () => {
    const web = createServer((_, response) => void response.end());
    onTestFinished(() => void web.close());
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const { port } = web.address() as AddressInfo;
    const away = { REDIS_URL: `redis://127.0.0.1:${port}`, MONGODB_URL: 'mongodb://127.0.0.1:1' };
    const gateway = run({ ...away, PORT: '0', ADMIN_PORT: '0' });
    const advice = 'CONCLAVE_REDIS_URL names a web server, not Redis: check host and port';
    await eventually(() => {
      expect(logged(gateway.output.stdout, 'broker_not_ready')).toContainEqual(
        expect.objectContaining({ advice }),
      );
      expect(logged(gateway.output.stdout, 'store_not_ready')).not.toEqual([]);
    });
    gateway.child.kill('SIGTERM');
    expect(await gateway.exit).toBe(0);
  });

  it('says that it is ready at any log level, and ends with 0 on SIGINT without a drain', async () => {
    const gateway = run({
      ...FREE,
      DATA_DIR: await dataDir(),
      LOG_LEVEL: 'silent',
      DRAIN_WAIT_SECONDS: '60',
    });
    const { url, adminUrl } = await gateway.ready();
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200);
    const client = await RawClient.connect(url);
    await client.hello();
    const startedAtMs = performance.now();
    gateway.child.kill('SIGINT');
    expect(await gateway.exit).toBe(0);
    expect(performance.now() - startedAtMs).toBeLessThan(30_000);
    expect((await client.closed).code).toBe(3000);
    expect(client.eventsOf('going-away')).toEqual([{ inMs: 0 }]);
    expect(gateway.output.stdout.trim().split('\n').length).toBe(1);
  });

  it('drains on SIGTERM, and ends at once on the second one', async () => {
    const gateway = run({ ...FREE, DATA_DIR: await dataDir(), DRAIN_WAIT_SECONDS: '60' });
    const { url, adminUrl } = await gateway.ready();
    const client = await RawClient.connect(url);
    await client.hello();
    gateway.child.kill('SIGTERM');
    await eventually(async () => expect((await fetch(`${adminUrl}/readyz`)).status).toBe(404));
    await client.ask('ping', {});
    gateway.child.kill('SIGTERM');
    expect(await gateway.exit).toBe(0);
  });

  it('alone on its store, has nobody to hand its clients to: SIGTERM closes them at once, and it ends', async () => {
    const gateway = run({ ...FREE, DATA_DIR: await dataDir() });
    const { url } = await gateway.ready();
    const client = await RawClient.connect(url);
    await client.hello();
    gateway.child.kill('SIGTERM');
    expect(await client.closed).toMatchObject({ code: 3000 });
    expect(client.eventsOf('going-away')).toEqual([{ inMs: 0 }]);
    expect(await gateway.exit).toBe(0);
  });

  it('drains on SIGHUP as on SIGTERM', async () => {
    const gateway = run({ ...FREE, DATA_DIR: await dataDir(), DRAIN_WAIT_SECONDS: '60' });
    const { url, adminUrl } = await gateway.ready();
    const client = await RawClient.connect(url);
    await client.hello();
    gateway.child.kill('SIGHUP');
    await eventually(async () => expect((await fetch(`${adminUrl}/readyz`)).status).toBe(404));
    await client.ask('ping', {});
    gateway.child.kill('SIGTERM');
    expect(await gateway.exit).toBe(0);
  });

  it('logs what a library prints as an event, so that every line stays one of JSON', async () => {
    const speaker = `setInterval(() => console.warn('a library %s', 'speaks'), 20);`;
    const loaded = `data:text/javascript,${encodeURIComponent(speaker)}`;
    const env = { PORT: '0', ADMIN_PORT: '0', DATA_DIR: await dataDir() };
    const { ready, output } = run(env, [], ['--import', loaded]);
    await ready();
    const lines = await eventually(() => {
      const whole = output.stdout.split('\n').slice(0, -1);
      const found = whole.map((line): unknown => JSON.parse(line));
      expect(found).toContainEqual(expect.objectContaining({ event: 'library_warning' }));
      return found;
    });
    expect(lines).toContainEqual(expect.objectContaining({ text: 'a library speaks' }));
  });

  it('ends with 2 and the cause when its data directory or its address cannot be used', async () => {
    const file = join(await dataDir(), 'file');
    await writeFile(file, '');
    const shared = await dataDir();
    await writeFile(join(shared, 'admin-token'), 'a-token-that-others-can-read\n', { mode: 0o644 });
    const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{ DATA_DIR: join(file, 'data') }, 'ENOTDIR'],
      [{ DATA_DIR: '/proc/conclave' }, 'ENOENT'],
      [{ DATA_DIR: shared }, 'other users can read the admin token'],
      [{ DATA_DIR: await dataDir(), HOST: '192.0.2.1', PORT: '48081' }, 'Set CONCLAVE_HOST to one that is'],
      [{ DATA_DIR: await dataDir(), ADMIN_HOST: '192.0.2.1' }, 'Set CONCLAVE_ADMIN_HOST to one that is'],
    ];
    const started = cases.map(([env, cause]) => ({ cause, gateway: run({ ...FREE, ...env }) }));
    for (const { cause, gateway } of started) {
      expect([cause, await gateway.exit]).toEqual([cause, 2]);
      expect(gateway.output.stderr).toContain(cause);
      expect(logged(gateway.output.stdout, 'start_refused')).toMatchObject([
        { level: 'warn', reason: expect.stringContaining(cause) },
      ]);
      expect(
        gateway.output.stderr
          .trim()
          .split('\n')
          .filter((line) => line.startsWith(' ')),
      ).toEqual([]);
    }
  });

  it('ends with 2 and the cause when its data directory is on a read-only file system', async (context) => {
    skipUnlessMountable(context);
    using disk = mountSmallDisk(128);
    const first = run({ ...FREE, DATA_DIR: disk.path });
    await first.ready();
    first.child.kill('SIGINT');
    expect(await first.exit).toBe(0);
    spawnSync('mount', ['-o', 'remount,ro', disk.path]);
    const folders = [disk.path, join(disk.path, 'new')];
    for (const gateway of folders.map((folder) => run({ ...FREE, DATA_DIR: folder }))) {
      expect(await gateway.exit).toBe(2);
      expect(gateway.output.stderr).toMatch(/EROFS|[Rr]ead-only file system/);
    }
  });

  it('serves a certificate that is expired, and says so', async () => {
    await using certificate = await makeCertificate('localhost');
    const folder = await dataDir();
    const later = join(folder, 'in-three-days.mjs');
    await writeFile(later, 'const { now } = Date; Date.now = () => now() + 3 * 86_400_000;');
    const files = { TLS_CERT_FILE: certificate.certFile, TLS_KEY_FILE: certificate.keyFile };
    const gateway = run({ ...FREE, DATA_DIR: folder, ...files }, [], ['--import', later]);
    await gateway.ready();
    expect(logged(gateway.output.stdout, 'certificate_not_valid')).toMatchObject([
      { level: 'warn', until: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
    ]);
  });

  it('says in one line which Node it needs, and still shows its version', async () => {
    const folder = await dataDir();
    const disguise = join(folder, 'node-24.mjs');
    await writeFile(
      disguise,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '24.1.0' } });",
    );
    const env = { ...FREE, DATA_DIR: folder };
    const gateway = run(env, [], ['--import', disguise]);
    expect(await gateway.exit).toBe(2);
    expect(gateway.output.stderr.trim().split('\n')).toEqual([
      expect.stringContaining('this is Node 24.1.0; Conclave needs 20.19 or newer, and below 23'),
    ]);
    expect(await run(env, ['--version'], ['--import', disguise]).exit).toBe(0);
  });

  it('ends with 3 when its data folder or its port is in use', async () => {
    const folder = await dataDir();
    const gateway = run({ ...FREE, DATA_DIR: folder });
    const { url } = await gateway.ready();
    const sameFolder = run({ ...FREE, DATA_DIR: folder });
    const samePort = run({
      ...FREE,
      DATA_DIR: await dataDir(),
      PORT: new URL(url.replace('ws', 'http')).port,
    });
    expect(await sameFolder.exit).toBe(3);
    expect(sameFolder.output.stderr).toContain('in use');
    expect(await samePort.exit).toBe(3);
    expect(samePort.output.stderr).toContain('set CONCLAVE_PORT to a free one');
    for (const refused of [sameFolder, samePort])
      expect(logged(refused.output.stdout, 'start_refused')).toHaveLength(1);
  });

  it('ends with 2 when its configuration is refused, and says why', async () => {
    const gateway = run({ PORT: 'eighty' });
    expect(await gateway.exit).toBe(2);
    expect(gateway.output.stderr).toContain('CONCLAVE_PORT');
    const usage = run({}, ['--fast']);
    expect(await usage.exit).toBe(2);
  });

  it('shows help, version and configuration without starting', async () => {
    const [help, version, check] = [run({}, ['--help']), run({}, ['--version']), run({}, ['--check-config'])];
    expect(await Promise.all([help.exit, version.exit, check.exit])).toEqual([0, 0, 0]);
    expect(help.output.stdout).toContain('CONCLAVE_PORT');
    expect(version.output.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(check.output.stdout).toContain('CONCLAVE_PORT=8080\n');
  });
});
