import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { localPrometheusConfig } from '../../scripts/cluster/prometheus.ts';
import { composeProblems } from '../../scripts/deploy/compose-rules.ts';
import { kubernetesProblems } from '../../scripts/deploy/kubernetes-rules.ts';
import { DRAIN_SECONDS_CLUSTER, DRAIN_WAIT_SECONDS_CLUSTER } from '../../src/config/gateway-config.ts';

const run = promisify(execFile);

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-deploy-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('the checksums are those of the installed binaries, for every Node that package.json allows and the one of the image', () => {
  const lines = readFileSync('deploy/uwebsockets.sha256', 'utf8').trimEnd().split('\n');
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const [, before = ''] = /^ARG BEFORE=(\S+)$/m.exec(dockerfile) ?? [];
  const stages = [...dockerfile.replace(/\$\{BEFORE\}/, before).matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
  const names = stages.map(([, , name]) => name);
  const bases = stages.flatMap(([, base]) => (names.includes(base) ? [] : [base]));
  expect(new Set(bases)).toEqual(new Set(['node:22-bookworm-slim']));
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe('>=20.19 <23');
  // The binary interfaces of Node 20, 21 and 22.
  const allowed = readdirSync('node_modules/uWebSockets.js/dist/bin').filter((name) =>
    /_(115|120|127)\.node$/.test(name),
  );
  expect(lines.map((line) => line.split('  ')[1]).sort()).toEqual(allowed.sort());
  for (const platform of ['x64', 'arm64']) expect(allowed).toContain(`uws_linux_${platform}_127.node`);
  for (const line of lines) {
    const [sum, name = ''] = line.split('  ');
    const bytes = readFileSync(join('node_modules/uWebSockets.js/dist/bin', name));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sum);
  }
});

test('secrets are made once, kept in a folder of their own, and the ACL file is made of them', async () => {
  const dir = join(temporaryDir(), 'secrets');
  const read = (): Record<string, string> =>
    Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]));
  await run('deploy/make-secrets.sh', [dir]);
  const first = read();
  await run('deploy/make-secrets.sh', [dir]);
  expect(read()).toEqual(first);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  const hash = createHash('sha256')
    .update(first['redis-password'] ?? '')
    .digest('hex');
  expect(first['redis-users.acl']).toContain(`user conclave reset on #${hash} ~conclave:* &conclave:* +ping`);
  expect(first['redis-url']).toBe(`redis://conclave:${first['redis-password']}@redis:6379`);
  expect(new URL(first['mongodb-url'] ?? '').password).toBe(first['mongo-password']);
});

test('the addresses of Redis and MongoDB in the secrets can be others', async () => {
  const dir = temporaryDir();
  const env = {
    ...process.env,
    REDIS: 'redis+cluster://a:6379,b:6379',
    MONGO: 'mongodb://db/conclave?tls=true',
  };
  await run('deploy/make-secrets.sh', [dir], { env });
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
  expect(read('redis-url')).toBe(`redis+cluster://conclave:${read('redis-password')}@a:6379,b:6379`);
  expect(read('mongodb-url')).toBe(`mongodb://conclave:${read('mongo-password')}@db/conclave?tls=true`);
});

test('Prometheus accepts the deployed configuration and the one of npm run cluster, which differ in discovery only', async () => {
  const template = readFileSync('deploy/prometheus/prometheus.yml', 'utf8');
  const dir = temporaryDir();
  const local = localPrometheusConfig(template, { targetsDir: dir, rulesDir: '/rules', port: 9999 });
  expect(local).not.toMatch(/^ +dns_sd/m);
  const jobs = (text: string): readonly string[] => text.match(/job_name: .*/g) ?? [];
  expect(jobs(local)).toEqual(jobs(template));
  const file = join(dir, 'local.yml');
  writeFileSync(file, local);
  for (const config of ['deploy/prometheus/prometheus.yml', file])
    expect((await run('promtool', ['check', 'config', config])).stdout).toContain('SUCCESS');
});

test('the systemd unit gives a gateway as many files as Compose does, longer to stop than its drain takes, and never gives it up', () => {
  const unit = readFileSync('deploy/systemd/conclave-gateway.service', 'utf8');
  const setting = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
  expect(Number(setting('TimeoutStopSec'))).toBeGreaterThan(
    DRAIN_WAIT_SECONDS_CLUSTER + DRAIN_SECONDS_CLUSTER,
  );
  expect([setting('Restart'), setting('StartLimitIntervalSec')]).toEqual(['always', '0']);
  expect(Number(setting('LimitNOFILE'))).toBe(65_536);
  // Where node_modules and dist lie beside each other, as docs/operations.md copies them.
  expect(setting('ExecStart')).toBe('/usr/bin/node /opt/conclave/dist/src/main.js');
});

test('the rules for Compose and Kubernetes name what is not as promised', () => {
  const gateway = {
    environment: { CONCLAVE_DRAIN_WAIT_SECONDS: '5', CONCLAVE_DRAIN_SECONDS: '30', CONCLAVE_REDIS_URL: 'x' },
    stop_grace_period: '35s',
    ports: [{ published: '8080' }],
  };
  const compose = composeProblems({ services: { gateway } }).join('\n');
  for (const problem of [
    'can be written',
    'publishes a port',
    'REDIS_URL is not given as a file',
    'killed after 35 s',
  ])
    expect(compose).toContain(problem);
  const manifests = [
    {
      kind: 'Deployment',
      metadata: { name: 'gateway' },
      spec: { template: { metadata: { labels: { app: 'gateway' } }, spec: { containers: [{}] } } },
    },
  ];
  const kubernetes = kubernetesProblems(manifests).join('\n');
  for (const problem of ['no Ingress', 'service links are on', 'no memory limit', 'killed after'])
    expect(kubernetes).toContain(problem);
});
