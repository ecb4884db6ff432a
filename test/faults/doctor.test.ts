import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';

const CLUSTER_MS = 120_000;

test(
  'conclave doctor says that what is behind the server refuses to work while Redis takes no writes, with a login and without, and finds nothing wrong before and after',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'conclave-doctor-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await using cluster = await startCluster({ gateways: 1 });
    const gateway = cluster.gateways[0] ?? expect.unreachable();
    const admin = new Redis(cluster.redis.port);
    onTestFinished(() => admin.disconnect());
    const conclave = (...args: string[]): Promise<CliResult> =>
      cli(['--server', gateway.url, '--profile', join(folder, 'profile'), '--json', ...args]);
    const checks = async (...args: string[]) => {
      const { code, json } = await conclave(...args, 'doctor');
      const wrong = json.filter(({ type, ok }) => type === 'check' && ok !== true);
      return { code, wrong: wrong.map(({ name, message }) => [name, message]) };
    };
    const ready = async (status: number): Promise<void> =>
      eventually(async () => expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(status), {
        deadlineMs: PATIENCE_MS,
      });
    const [locked, passphrase] = [join(folder, 'locked'), join(folder, 'passphrase')];
    await writeFile(passphrase, 'an unusual sentence of words', { mode: 0o600 });
    const secret = ['--passphrase-file', passphrase];
    expect((await conclave('--no-passphrase', 'register', 'ann')).code).toBe(0);
    expect((await conclave('--profile', locked, ...secret, 'register', 'bob')).code).toBe(0);
    expect(await checks()).toEqual({ code: 0, wrong: [] });

    for (const [setting, refusing, taking] of [
      ['maxmemory', '1', '0'],
      ['min-replicas-to-write', '1', '0'],
    ] as const) {
      await admin.config('SET', setting, refusing);
      await ready(503);
      const services = ['services', expect.stringContaining('the service that connects its gateways')];
      expect(await checks()).toEqual({
        code: 1,
        wrong: [services, ['account', expect.stringContaining('a service behind it is down or refuses')]],
      });
      // Without the passphrase there is no login to fail.
      expect(await checks('--profile', locked)).toEqual({ code: 1, wrong: [services] });
      await admin.config('SET', setting, taking);
      await ready(200);
      expect(await checks()).toEqual({ code: 0, wrong: [] });
    }
    const refused = gateway.logs.filter((line) => line.includes('"event":"broker_refused"'));
    expect(refused.map((line) => JSON.parse(line))).toMatchObject([
      { reason: 'OOM' },
      { reason: 'NOREPLICAS' },
    ]);
  },
  CLUSTER_MS,
);
