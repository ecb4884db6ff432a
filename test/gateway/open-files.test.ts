import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { RawClient } from '../support/raw-client.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const OPEN_FILES_MAX = 400;
/** As RESERVED_FILES and LAST_FILES of the transport leave it. */
const CONNECTIONS_MAX = 144;
const NEWCOMERS_UNTIL = 272;

function sample(page: string, name: string): number {
  const line = page.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

test('more connections than there are files leave a node that serves its members and answers its operator', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'conclave-files-'));
  cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const withFewFiles = ['sh', '-c', `ulimit -n ${OPEN_FILES_MAX} && exec "$@"`, 'sh'];
  const env = { ...ratesOff, DATA_DIR: dataDir };
  const gateway = await startGateway(env, { runner: withFewFiles });
  cleanups.push(() => gateway[Symbol.asyncDispose]());
  expect(sample(await gateway.metrics(), 'conclave_connections_max')).toBe(CONNECTIONS_MAX);
  const member = await RawClient.connect(gateway.url);
  cleanups.push(() => member[Symbol.asyncDispose]());
  await member.hello();
  await member.login(await member.register('member', await newKeys()));
  const { hostname, port } = new URL(gateway.url);
  const flood: Socket[] = Array.from({ length: 2 * OPEN_FILES_MAX }, () => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    cleanups.push(() => void socket.destroy());
    return socket;
  });
  await Promise.all(flood.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
  const turnedAway = async (): Promise<void> => {
    const page = await gateway.metrics();
    const files = sample(page, 'conclave_connections_rejected_total{reason="files"}');
    expect(files).toBeGreaterThanOrEqual(2 * OPEN_FILES_MAX - NEWCOMERS_UNTIL);
    expect(sample(page, 'process_open_fds')).toBeLessThanOrEqual(NEWCOMERS_UNTIL + 2);
  };
  await eventually(turnedAway);
  await member.ask('ping', {});
  for (const socket of flood) socket.destroy();
  const newcomer = await eventually(async () => {
    const client = await RawClient.connect(gateway.url);
    expect((await client.hello())?.ok).toBeDefined();
    return client;
  });
  cleanups.push(() => newcomer[Symbol.asyncDispose]());
});
