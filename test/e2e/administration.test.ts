import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { closeCodes } from '../../src/protocol/codes.ts';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import type { GatewayProcess } from '../support/cluster/gateway-process.ts';
import { PATIENCE_MS, patientTests } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';

vi.setConfig(patientTests);

const TOKEN = 'operators-only';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-admin-'));
  await writeFile(join(folder, 'token'), `${TOKEN}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

/** `conclave-admin --json`, through this gateway. */
function admin(through: GatewayProcess | undefined, ...args: string[]): Promise<CliResult> {
  const at = ['--url', through?.adminUrl ?? '', '--token-file', join(folder, 'token'), '--json'];
  return cli([...at, ...args], { program: 'admin' });
}

test('nodes are shed and drained by name through another one, with nothing lost', async () => {
  const env = { ADMIN_TOKEN: TOKEN, DRAIN_WAIT_SECONDS: '0', DRAIN_SECONDS: '2' };
  await using cluster = await startCluster({ gateways: 3, env });
  const [first, second] = cluster.gateways;
  await using balancer = await TcpBalancer.start(cluster.gateways.map(({ url }) => url));
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid', 'Dan', 'Eve', 'Fay'], [balancer.url]);
  const { oracle, rooms } = await gather('Operated', devices);
  await untilOnline(rooms.values(), 6);
  await vi.waitFor(
    async () =>
      expect((await admin(first, 'nodes')).json).toEqual([
        expect.objectContaining({ type: 'node', node: 'node-0', draining: false, rooms: 1 }),
        expect.objectContaining({ type: 'node', node: 'node-1', draining: false, rooms: 1 }),
        expect.objectContaining({ type: 'node', node: 'node-2', draining: false, rooms: 1 }),
        { type: 'total', nodes: 3, connections: 6, sessions: 6 },
      ]),
    { timeout: PATIENCE_MS, interval: 200 },
  );

  // On a busy machine a registration may have taken more than one connection.
  const before = devices.map(({ wire }) => wire.closeCodes.length);
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(5);
  expect(await admin(first, 'shed', 'node-1', '1')).toMatchObject({
    code: 0,
    json: [{ type: 'shedding', node: 'node-1', sessions: 1 }],
  });
  await chatter.everyoneSays(10);
  expect((await fetch(`${second?.adminUrl}/readyz`)).status).toBe(200);

  expect(await admin(first, 'drain', 'node-1')).toMatchObject({
    code: 0,
    json: [{ type: 'draining', node: 'node-1' }],
  });
  expect(await second?.exitCode).toBe(0);
  await chatter.everyoneSays(10);
  await chatter.stop();
  await oracle.verify();
  await untilOnline(rooms.values(), 6);
  const closes = devices.flatMap(({ wire }, i) => wire.closeCodes.slice(before[i]));
  expect(closes.length).toBeGreaterThanOrEqual(2);
  expect(new Set(closes)).toEqual(new Set([closeCodes.going_away.code]));
  const left = (await admin(first, 'nodes')).json;
  expect(left.map(({ node }) => node)).toEqual(['node-0', 'node-2', undefined]);
  expect(await admin(first, 'drain', 'node-1')).toMatchObject({ code: 5, json: [{ code: 'no_such_node' }] });
});

test('a node that does not answer is said to be unconfirmed, and a dead one leaves the list', async () => {
  await using cluster = await startCluster({ gateways: 2, env: { ADMIN_TOKEN: TOKEN } });
  const [asked, paused] = cluster.gateways;
  paused?.pause();
  expect(await admin(asked, 'drain', 'node-1')).toMatchObject({ code: 7, json: [{ code: 'unconfirmed' }] });
  await paused?.kill();
  await vi.waitFor(
    async () =>
      expect((await admin(asked, 'nodes')).json.map(({ node }) => node)).toEqual(['node-0', undefined]),
    { timeout: PATIENCE_MS, interval: 500 },
  );
});
