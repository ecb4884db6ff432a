import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { FIRST_TIME_MS } from '../load/load-process.ts';
import { gather, registerAll } from '../support/cluster/conversation.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { People } from '../support/cluster/people.ts';
import { eventually } from '../support/eventually.ts';
import { goProgram } from '../support/programs/go-program.ts';
import { skipWithoutGo } from '../support/programs/skip-without-go.ts';
import { freePort } from '../support/services/server-process.ts';
import { startClusterProcess } from './cluster-process.ts';

const run = promisify(execFile);
const quickDrain = { CONCLAVE_DRAIN_WAIT_SECONDS: '2', CONCLAVE_DRAIN_SECONDS: '2' };

test('on npm run cluster nothing acknowledged is lost while gateways are added, drained and killed', async () => {
  await using cluster = await startClusterProcess(['--gateways', '3', '--rates-off'], quickDrain);
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], [cluster.url]);
  const { oracle, rooms } = await gather('Lobby', devices);
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(10);

  await cluster.ask('add 2', /^gateway-5 added/);
  // Newcomers go where the fewest are, until it is even.
  await registerAll(people, ['Dee', 'Eli'], [cluster.url]);
  for (const number of [1, 2, 3, 4, 5])
    await cluster.ask(
      'status',
      new RegExp(`^gateway-${number} .* ready, balancer: up, 1 connection, admin port \\d+$`),
    );
  await chatter.everyoneSays(10);
  await cluster.ask('drain 1', /^gateway-1 drained, exit code 0$/);
  await chatter.everyoneSays(10);
  await cluster.ask('kill 2', /^gateway-2 killed$/);
  await chatter.everyoneSays(10);
  await cluster.ask('reload', /^haproxy reads/);
  await chatter.everyoneSays(10);

  await chatter.stop();
  await oracle.verify();
  // The one that was drained and the one that was killed are not asked any more.
  await eventually(async () =>
    expect(await answers(cluster.lines, 'up{job="conclave-gateway"}')).toEqual(['1', '1', '1']),
  );

  await expect(
    cluster.ask('drain 2', /^there is no ready gateway called gateway-2: /),
  ).resolves.toBeDefined();
  await expect(cluster.ask('failover', /^failover is for --redis-cluster/)).resolves.toBeDefined();
  await expect(cluster.ask('dance', /^no such command: dance/)).resolves.toBeDefined();
  await expect(cluster.quit()).resolves.toBe(0);
  await expect(fetch(cluster.url.replace('ws', 'http'))).rejects.toThrow();
}, 180_000);

test('on a Redis Cluster nothing acknowledged is lost while a master dies and all gateways are replaced', async () => {
  const args = ['--gateways', '2', '--redis-cluster', '--rates-off', '--no-prometheus'];
  await using cluster = await startClusterProcess(args, quickDrain);
  await using people = new People();
  const devices = await registerAll(people, ['Eva', 'Fay'], [cluster.url]);
  const { oracle, rooms } = await gather('Rolling', devices);
  const chatter = oracle.chatter(rooms);
  await cluster.ask('failover', /^redis-\d was killed, its replica is master now$/);
  await chatter.everyoneSays(5);
  await cluster.ask('roll', /^all gateways were replaced$/, { deadlineMs: 60_000 });
  await chatter.everyoneSays(5);
  await chatter.stop();
  await oracle.verify();
  await people[Symbol.asyncDispose]();
  await expect(cluster.signal('SIGINT')).resolves.toBe(0);
}, 180_000);

test(
  'with --exporters its Prometheus hears of Redis and MongoDB too',
  async (context) => {
    skipWithoutGo(context, 'the collector of MongoDB');
    // Apart from the start of the cluster, since it may take minutes.
    await goProgram('test/deploy/mongo-collector', () => undefined);
    await using cluster = await startClusterProcess(['--gateways', '1', '--exporters'], {});
    const queries = ['redis_up', 'count(mongodb_operation_count_total) > bool 0'];
    for (const query of queries)
      await eventually(async () => expect(await answers(cluster.lines, query)).toEqual(['1']));
    await expect(cluster.quit()).resolves.toBe(0);
  },
  FIRST_TIME_MS,
);

test('npm run cluster prints where it logs and a command that operates it, another one when its gateway ends, and no process has its token as an argument', async () => {
  await using cluster = await startClusterProcess(['--gateways', '2', '--no-prometheus'], quickDrain);
  const said = (): string => {
    const line = cluster.lines.findLast((candidate) => candidate.startsWith('operate it with: '));
    return line?.replace('operate it with: ', '') ?? expect.unreachable(cluster.lines.join('\n'));
  };
  const command = said();
  expect(command).toMatch(/^npx conclave-admin --url http:\/\/127\.0\.0\.3:\d+ --token-file \S+ nodes$/);
  // A gateway tells of itself every two seconds.
  const works = (): Promise<void> =>
    eventually(async () => expect((await run('sh', ['-c', said()])).stdout).toMatch(/\b[1-4] nodes?, /), {
      deadlineMs: 30_000,
    });
  await works();
  await cluster.ask('roll', /^all gateways were replaced$/, { deadlineMs: 60_000 });
  await eventually(async () => expect(said()).toContain('http://127.0.0.5:'));
  await works();
  await cluster.ask('kill 4', /^gateway-4 killed$/);
  await eventually(async () => expect(said()).toContain('http://127.0.0.4:'));
  await works();
  const logs = cluster.lines.find((line) => line.startsWith('logs of the gateways: ')) ?? '';
  for (const number of [1, 3]) {
    const log = logs.replace('logs of the gateways: ', '').replace('-N', `-${number}`);
    expect(readFileSync(log, 'utf8')).toContain('"event":"ready"');
  }
  const file = / --token-file (\S+) /.exec(command)?.[1] ?? '';
  const token = readFileSync(file, 'utf8').trim();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(allArguments()).toContain('dist/src/main.js');
  expect(allArguments()).not.toContain(token);
  await cluster.quit();
});

test('the status of npm run cluster says that gateways are not ready while Redis does not answer', async () => {
  await using cluster = await startClusterProcess(['--gateways', '1', '--no-prometheus'], {});
  const line = cluster.lines.find((candidate) => candidate.startsWith('redis is ready at '));
  const { port } = new URL(line?.replace('redis is ready at ', '') ?? expect.unreachable());
  const status = (pattern: RegExp): Promise<string> =>
    eventually(() => cluster.ask('status', pattern, { deadlineMs: 2_000 }), { deadlineMs: 60_000 });
  await status(/^gateway-1 +\S+ +ready, balancer: up, 0 connections, /);
  await run('redis-cli', ['-p', port, 'CLIENT', 'PAUSE', '15000', 'ALL']);
  await status(/^gateway-1 +\S+ +not ready, balancer: /);
  await status(/^gateway-1 +\S+ +ready, balancer: up, /);
  await expect(cluster.quit()).resolves.toBe(0);
}, 180_000);

/** Arguments of every process of this machine. */
function allArguments(): string {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map((pid) => textOf(`/proc/${pid}/cmdline`)).join('\n');
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}

test('npm run cluster leaves no process and no folder behind, even when it is killed by SIGKILL', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-killed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await using cluster = await startClusterProcess(['--gateways', '2'], { TMPDIR: folder });
  const parts = cluster.lines.flatMap((line) => / is ready at (\S+:\d+)/.exec(line)?.[1] ?? []);
  // DNS, HAProxy, Redis, MongoDB, Prometheus, two gateways.
  expect(parts).toHaveLength(7);
  const ports = parts.map((where) => Number(where.slice(where.lastIndexOf(':') + 1)));
  const listening = async (): Promise<readonly number[]> => {
    const open = await Promise.all(ports.map(isListening));
    return ports.filter((_, index) => open[index] === true);
  };
  expect((await listening()).length).toBeGreaterThan(5);
  await cluster.signal('SIGKILL');
  await eventually(async () => expect(await listening()).toEqual([]));
  await eventually(() =>
    expect(readdirSync(folder).filter((name) => name.startsWith('conclave'))).toEqual([]),
  );
}, 180_000);

test('npm run cluster refuses a port on which a gateway listens, before it installs or starts anything', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-port-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  await using gateway = await startGateway({ DATA_DIR: dir, PORT: `${await freePort()}` });
  const { port } = new URL(gateway.url.replace('ws:', 'http:'));
  const command = ['scripts/cluster/start.mjs', '--port', port, '--no-prometheus'];
  // Where no program is found, there is nothing to start.
  const starting = run(process.execPath, command, { env: { ...process.env, PATH: '/nonexistent' } });
  await expect(starting).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringMatching(new RegExp(`uses 127\\.0\\.0\\.1:${port}.*--port P`)),
    stdout: '',
  });
  expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(200);
});

test('npm run cluster says what its arguments may be', async () => {
  const bad = run(process.execPath, ['scripts/cluster/start.mjs', '--gateways', 'many']);
  await expect(bad).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--gateways <n>') });
});

/** The values that the cluster's Prometheus answers. */
async function answers(lines: readonly string[], query: string): Promise<readonly string[]> {
  const url = lines.find((line) => line.startsWith('prometheus at '))?.replace('prometheus at ', '');
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result.map(({ value }) => value[1]);
}

/** On any of the addresses that gateways and services take here. */
async function isListening(port: number): Promise<boolean> {
  const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  const open = hosts.map(
    (host) =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host, port });
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      }),
  );
  return (await Promise.all(open)).includes(true);
}
