import { afterEach, expect, test } from 'vitest';
import type { AccountKeys } from '../../client/sdk/index.ts';
import { closeCodes } from '../../src/protocol/codes.ts';
import { type RedisProxy, startRedisProxy } from '../contract/support-relay-proxy.ts';
import { registerAll } from '../support/cluster/conversation.ts';
import type { GatewayProcess } from '../support/cluster/gateway-process.ts';
import { PATIENCE_MS, promptBackends } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy } from '../support/hostile/fault-proxy.ts';

/** Long enough for both gateways to notice what both lost. */
const HAND_OVER_SECONDS = '3';
const env = { ...promptBackends, HAND_OVER_SECONDS, DRAIN_SECONDS: '2' };
const patience = { deadlineMs: PATIENCE_MS, pauseMs: 100 };

const cleanups: AsyncDisposable[] = [];
const keep = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
  cleanups.push(resource);
  return resource;
};
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup[Symbol.asyncDispose]();
});

interface Stage {
  readonly cluster: TestCluster;
  /** Behind the proxy. */
  readonly cutOff: GatewayProcess;
  readonly sessions: readonly RawSession[];
  readonly accounts: readonly AccountKeys[];
}

/** A healthy gateway, and one with five sessions whose way to a service leads through a proxy. */
async function stage(proxied: (cluster: TestCluster) => Promise<Record<string, string>>): Promise<Stage> {
  const cluster = keep(await startCluster({ gateways: 1, env }));
  const cutOff = await cluster.add(await proxied(cluster));
  const people = keep(new People());
  const names = ['Ann', 'Bob', 'Cay', 'Dan', 'Eve'];
  const devices = await registerAll(people, names, [cutOff.url]);
  const sessions: RawSession[] = [];
  for (const { client, storage } of devices) {
    await client.close();
    sessions.push(keep(await RawSession.open({ url: cutOff.url, account: storage.account })));
  }
  return { cluster, cutOff, sessions, accounts: devices.map(({ storage }) => storage.account) };
}

async function readiness({ adminUrl }: GatewayProcess): Promise<number> {
  return (await fetch(`${adminUrl}/readyz`)).status;
}

function closes(sessions: readonly RawSession[]): readonly number[] {
  return sessions.flatMap(({ wire }) => wire.closeCodes);
}

test('a gateway that alone loses Redis hands its clients over, and takes clients again when it is back', async () => {
  let hole: RedisProxy | undefined;
  const { accounts, cluster, cutOff, sessions } = await stage(async ({ redis }) => {
    hole = keep(await startRedisProxy(redis.port));
    return { REDIS_URL: hole.url };
  });
  hole?.stall();
  await eventually(() => expect(closes(sessions)).toHaveLength(sessions.length), patience);
  expect(new Set(closes(sessions))).toEqual(new Set([closeCodes.going_away.code]));
  expect(await readiness(cutOff)).toBe(503);
  const [healthy] = cluster.gateways;
  expect(healthy && (await readiness(healthy))).toBe(200);
  hole?.flow();
  await eventually(async () => expect(await readiness(cutOff)).toBe(200), patience);
  const [account] = accounts;
  if (account === undefined) return expect.unreachable();
  keep(await RawSession.open({ url: cutOff.url, account }));
});

test('a gateway that alone loses MongoDB hands its clients over', async () => {
  let proxy: FaultProxy | undefined;
  const { sessions } = await stage(async ({ mongoUrl }) => {
    proxy = keep(await FaultProxy.before(mongoUrl));
    return { MONGODB_URL: proxy.url };
  });
  proxy?.cut();
  await eventually(() => expect(closes(sessions)).toHaveLength(sessions.length), patience);
  expect(new Set(closes(sessions))).toEqual(new Set([closeCodes.going_away.code]));
});

test('where every gateway lost Redis, clients stay where they are', async () => {
  const { cluster, cutOff, sessions } = await stage(async () => ({}));
  cluster.redis.pause();
  await eventually(async () => expect(await readiness(cutOff)).toBe(503), patience);
  const metric = /^conclave_store_operations_total\{operation="ready_marks",outcome="ok"\} (\d+)$/m;
  // It has looked for others often enough to have handed over twice.
  await eventually(
    async () => expect(Number(metric.exec(await cutOff.metrics())?.[1])).toBeGreaterThan(10),
    patience,
  );
  expect(closes(sessions)).toEqual([]);
  cluster.redis.resume();
  await eventually(async () => expect(await readiness(cutOff)).toBe(200), patience);
  expect(closes(sessions)).toEqual([]);
});
