import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { closeCodes } from '../../src/protocol/codes.ts';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import type { GatewayProcess } from '../support/cluster/gateway-process.ts';
import { PATIENCE_MS, patientTests } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
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

/** One request by hand. */
async function post(
  through: GatewayProcess | undefined,
  action: string,
  body: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const answer = await fetch(`${through?.adminUrl}/admin/${action}`, init);
  return { status: answer.status, body: await answer.json() };
}

/** Waits until a gateway lists exactly these, by name. */
async function untilNodes(through: GatewayProcess | undefined, wanted: readonly object[]): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  await vi.waitFor(
    async () => {
      const answer = await fetch(`${through?.adminUrl}/admin/nodes`, { headers });
      expect(await answer.json()).toMatchObject({ nodes: wanted });
    },
    { timeout: PATIENCE_MS, interval: 100 },
  );
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
  const node = (name: string): object => ({ node: name, sessions: 2, rooms: 1, draining: false });
  await untilNodes(first, [node('node-0'), node('node-1'), node('node-2')]);
  expect((await admin(first, 'nodes')).json).toMatchObject([
    { type: 'node', node: 'node-0' },
    { type: 'node', node: 'node-1' },
    { type: 'node', node: 'node-2' },
    { type: 'total', nodes: 3, connections: 6, sessions: 6 },
  ]);

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
  await untilNodes(first, [{ node: 'node-0' }, { node: 'node-2' }]);
  expect(await admin(first, 'drain', 'node-1')).toMatchObject({ code: 5, json: [{ code: 'no_such_node' }] });
});

test('a node that does not answer is said to be unconfirmed, and a dead one leaves the list', async () => {
  await using cluster = await startCluster({ gateways: 2, env: { ADMIN_TOKEN: TOKEN } });
  const [asked, paused] = cluster.gateways;
  paused?.pause();
  expect(await admin(asked, 'drain', 'node-1')).toMatchObject({ code: 7, json: [{ code: 'unconfirmed' }] });
  await paused?.kill();
  await untilNodes(asked, [{ node: 'node-0' }]);
});

test('a disabled account is out on every node within a second, until it is enabled', async () => {
  await using cluster = await startCluster({ gateways: 2, env: { ADMIN_TOKEN: TOKEN } });
  const [first, second] = cluster.gateways;
  const urls = cluster.gateways.map(({ url }) => url);
  await using people = new People();
  const tookMs: number[] = [];
  for (const name of ['Mallory', 'Oscar', 'Trudy']) {
    const { storage, client } = await people.register(name, urls[0] ?? '');
    await client.close();
    const sessions = await Promise.all(urls.map((url) => RawSession.open({ url, account: storage.account })));
    const startedAtMs = performance.now();
    expect(await post(first, 'disable', { user: name.toLowerCase() })).toEqual({
      status: 200,
      body: { user: name },
    });
    await vi.waitFor(
      () =>
        expect(sessions.map(({ closeCode }) => closeCode)).toEqual(
          urls.map(() => closeCodes.account_closed.code),
        ),
      { timeout: PATIENCE_MS, interval: 5 },
    );
    tookMs.push(performance.now() - startedAtMs);
    for (const url of urls) {
      // By its token, then by its keys: both are refused.
      await expect(people.resume(storage, url)).rejects.toMatchObject({ code: 'auth_failed' });
    }
    expect((await post(second, 'enable', { user: name })).status).toBe(200);
    await using again = await RawSession.open({ url: urls[0] ?? '', ...storage });
    expect(again.openedBy).toBe('login');
  }
  // What a busy machine adds to some of them says nothing about the gateways.
  expect(Math.min(...tookMs)).toBeLessThan(1_000);
});

test('revoking ends the sessions of all nodes, and purging a room ends it for its members', async () => {
  await using cluster = await startCluster({ gateways: 2, env: { ADMIN_TOKEN: TOKEN } });
  const [first, second] = cluster.gateways;
  const urls = cluster.gateways.map(({ url }) => url);
  await using people = new People();
  const [ann, bob] = await registerAll(people, ['Ann', 'Bob'], urls);
  if (ann === undefined || bob === undefined) expect.unreachable();
  const { rooms, oracle } = await gather('Doomed', [ann, bob]);
  await oracle.say(rooms.get('Ann') ?? expect.unreachable(), 'Ann');
  await oracle.verify();
  expect(await admin(first, 'purge', 'doomed')).toMatchObject({
    code: 0,
    json: [{ type: 'purged', room: 'Doomed', members: 2 }],
  });
  await vi.waitFor(async () => expect(await bob.client.ownRooms()).toEqual([]), { timeout: PATIENCE_MS });
  await expect(rooms.get('Bob')?.send('still here?')).rejects.toBeDefined();
  await using mongo = new MongoClient(cluster.mongoUrl);
  for (const collection of ['rooms', 'messages'])
    expect(await mongo.db().collection(collection).countDocuments()).toBe(0);
  expect(await admin(first, 'purge', 'doomed')).toMatchObject({ code: 5, json: [{ code: 'no_such_room' }] });

  const sessions = await Promise.all(
    urls.map((url) => RawSession.open({ url, account: ann.storage.account })),
  );
  expect(await admin(second, 'revoke', 'ann')).toMatchObject({
    code: 0,
    json: [{ type: 'revoked', user: 'Ann' }],
  });
  await vi.waitFor(
    () => expect(sessions.map(({ closeCode }) => closeCode)).toEqual(urls.map(() => closeCodes.revoked.code)),
    { timeout: PATIENCE_MS },
  );
  expect(await admin(second, 'revoke', 'nobody')).toMatchObject({
    code: 5,
    json: [{ code: 'no_such_user' }],
  });
});
