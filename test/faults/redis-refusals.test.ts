import { rmSync } from 'node:fs';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import type { RelayBackend } from '../../src/ports/backend.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { newUser } from '../contract/support-relay.ts';
import { redisNode } from '../contract/support-relay-redis.ts';
import { eventually } from '../support/eventually.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { startRedisCluster } from '../support/services/redis-cluster.ts';
import { startRedisServer } from '../support/services/redis-server.ts';

const noticedWithinMs = 15_000;

interface Heard {
  readonly telemetry: Telemetry;
  /** Events of the log, with the reason where they have one. */
  readonly events: string[];
  readonly errors: Map<string, number>;
}

/** `hearWarning`: of each, as it comes. */
function listen(hearWarning: Telemetry['warn'] = () => undefined): Heard {
  const events: string[] = [];
  const errors = new Map<string, number>();
  const telemetry = silentTelemetry({
    info: (event) => void events.push(event),
    warn: (event, error, details) => {
      events.push([event, details?.['reason']].join(' ').trim());
      hearWarning(event, error, details);
    },
    backendError: (backend, reason) => {
      const label = `${backend} ${reason}`;
      errors.set(label, (errors.get(label) ?? 0) + 1);
    },
  });
  return { telemetry, events, errors };
}

const untilUp = (node: RelayBackend, up: boolean): Promise<void> =>
  eventually(() => expect(node.isUp()).toBe(up), { deadlineMs: noticedWithinMs });

interface Fault {
  readonly name: string;
  readonly reason: string;
  readonly make: (admin: Redis, dir: string) => Promise<unknown>;
  readonly mend: (admin: Redis) => Promise<unknown>;
}

const denied = (...rules: string[]): Pick<Fault, 'reason' | 'make' | 'mend'> => ({
  reason: 'NOPERM',
  make: (admin) => admin.call('ACL', 'SETUSER', 'default', ...rules),
  mend: (admin) => admin.call('ACL', 'SETUSER', 'default', '+@all'),
});

const faults: readonly Fault[] = [
  {
    name: 'is full',
    reason: 'OOM',
    make: (admin) => admin.config('SET', 'maxmemory', '1'),
    mend: (admin) => admin.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'cannot save its snapshot',
    reason: 'MISCONF',
    make: async (admin, dir) => {
      await admin.config('SET', 'save', '3600 1');
      rmSync(dir, { recursive: true });
      await admin.bgsave();
    },
    mend: (admin) => admin.config('SET', 'stop-writes-on-bgsave-error', 'no'),
  },
  {
    name: 'lacks the replicas that it wants',
    reason: 'NOREPLICAS',
    make: (admin) => admin.config('SET', 'min-replicas-to-write', '1'),
    mend: (admin) => admin.config('SET', 'min-replicas-to-write', '0'),
  },
  {
    name: 'has become a replica',
    reason: 'READONLY',
    make: (admin) => admin.call('REPLICAOF', '127.0.0.1', '1'),
    mend: (admin) => admin.call('REPLICAOF', 'NO', 'ONE'),
  },
  { name: 'denies scripts', ...denied('-@scripting') },
  { name: 'denies EVALSHA', ...denied('-evalsha') },
  { name: 'denies HSET', ...denied('-hset') },
  { name: 'denies SET', ...denied('-set') },
  { name: 'denies PUBLISH', ...denied('-publish') },
];

test.each(faults.map((fault) => [fault.name, fault] as const))(
  'a node says that Redis refuses when it %s, and is back when it takes writes',
  async (_name, { reason, make, mend }) => {
    await using redis = await startRedisServer();
    const admin = new Redis(redis.port, { reconnectOnError: () => false });
    onTestFinished(() => admin.disconnect());
    const { telemetry, events, errors } = listen();
    const node = redisNode(redis.url, { telemetry });
    onTestFinished(() => node.close());
    await node.start();
    await untilUp(node, true);
    expect(events).toEqual(['broker_up']);
    const [, dir = ''] = await admin.config('GET', 'dir').then((pair) => pair as string[]);

    await make(admin, dir);
    await untilUp(node, false);
    await eventually(() => expect(errors.get(`redis ${reason.toLowerCase()}`)).toBeGreaterThan(3), {
      deadlineMs: noticedWithinMs,
    });
    await eventually(() => expect(events).toContain('broker_down'), { deadlineMs: noticedWithinMs });
    expect(events.filter((event) => event === `broker_refused ${reason}`)).toHaveLength(1);
    expect(events.filter((event) => event === 'broker_down')).toHaveLength(1);

    await mend(admin);
    await untilUp(node, true);
    await eventually(() => expect(events.filter((event) => event === 'broker_up')).toHaveLength(2));
  },
);

test('a node that must sign in and may not says so while it starts', async () => {
  await using redis = await startRedisServer();
  const admin = new Redis(redis.port);
  await admin.config('SET', 'requirepass', 'secret');
  admin.disconnect();
  const { telemetry, events, errors } = listen();
  const node = redisNode(redis.url, { telemetry });
  onTestFinished(() => node.close());
  const starting = node.start();
  starting.catch(() => undefined);
  await eventually(() => expect(errors.get('redis noauth')).toBeGreaterThan(0), {
    deadlineMs: noticedWithinMs,
  });
  expect(events).toContain('broker_refused NOAUTH');
  expect(node.isUp()).toBe(false);
});

test.each([
  ['is no cluster', [], 'ERR', /cluster support disabled/],
  ['asks for a password', [['requirepass', 'secret']], 'NOAUTH', /NOAUTH/],
] as const)('a node of a Redis Cluster whose Redis %s logs what it says', async (_what, set, word, said) => {
  await using redis = await startRedisServer();
  const admin = new Redis(redis.port);
  for (const [key, value] of set) await admin.config('SET', key, value);
  admin.disconnect();
  const causes: string[] = [];
  const { telemetry, events } = listen((event, error) => {
    if (event === 'broker_not_ready' && error instanceof Error) causes.push(String(error.cause));
  });
  const url = redis.url.replace('redis:', 'redis+cluster:');
  const node = redisNode(url, { telemetry });
  onTestFinished(() => node.close());
  node.start().catch(() => undefined);
  await eventually(() => expect(causes[0]).toMatch(said), { deadlineMs: noticedWithinMs });
  expect(events).toContain(`broker_refused ${word}`);
  expect(node.isUp()).toBe(false);
});

test('on a Redis Cluster a node stays ready while one shard of three refuses, and not when two do', async () => {
  await using cluster = await startRedisCluster();
  const { telemetry, events } = listen();
  const node = redisNode(cluster.url, { telemetry });
  onTestFinished(() => node.close());
  await node.start();
  await untilUp(node, true);
  const admins = cluster.nodes.map(({ port }) => new Redis(port));
  onTestFinished(() => {
    for (const admin of admins) admin.disconnect();
  });
  const [one, two] = admins;

  await one?.config('SET', 'maxmemory', '1');
  await eventually(() => expect(events).toContain('broker_refused OOM'), { deadlineMs: noticedWithinMs });
  expect(await outcomes(node)).toEqual(new Set(['done', 'refused']));
  expect(node.isUp()).toBe(true);
  expect(events).not.toContain('broker_down');

  await two?.config('SET', 'maxmemory', '1');
  await untilUp(node, false);
  for (const admin of [one, two]) await admin?.config('SET', 'maxmemory', '0');
  await untilUp(node, true);
});

test('on a Redis Cluster that serves the other slots, the death of one shard leaves a node ready', async () => {
  await using cluster = await startRedisCluster();
  for (const { port } of cluster.nodes) {
    const admin = new Redis(port);
    await admin.config('SET', 'cluster-require-full-coverage', 'no');
    admin.disconnect();
  }
  const { telemetry, events, errors } = listen();
  const node = redisNode(cluster.url, { telemetry });
  onTestFinished(() => node.close());
  await node.start();
  await untilUp(node, true);
  await cluster.nodes[0]?.kill();
  await eventually(() => expect(errors.get('redis connection')).toBeGreaterThan(3), {
    deadlineMs: noticedWithinMs,
  });
  await eventually(async () => expect(await outcomes(node)).toEqual(new Set(['done', 'refused'])), {
    deadlineMs: noticedWithinMs,
  });
  expect(node.isUp()).toBe(true);
  expect(events).not.toContain('broker_down');
});

/** What becomes of writes all over the slots. */
async function outcomes(node: RelayBackend): Promise<ReadonlySet<string>> {
  const taken = Array.from({ length: 30 }, () =>
    node.limits.take(newUser(), { count: 1, periodMs: 1_000, burst: 1 }).then(
      () => 'done',
      (error: unknown) => {
        expect(error).toBeInstanceOf(Unavailable);
        return 'refused';
      },
    ),
  );
  return new Set(await Promise.all(taken));
}
