import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gather, registerAll, talkAllAtOnce, untilOnline } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { startRedisCluster } from '../support/services/redis-cluster.ts';
import { startRedisServer } from '../support/services/redis-server.ts';
import { askAsRoot, commandsUsed, makeSecrets, type RedisSecrets, setUser } from './redis-access.ts';

let dir: string;
let secrets: RedisSecrets;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'conclave-acl-'));
  secrets = await makeSecrets(dir);
});

afterAll(() => rmSync(dir, { recursive: true }));

const ofClusters: ReadonlySet<string> = new Set([
  'cluster|slots',
  'cluster|info',
  'spublish',
  'ssubscribe',
  'sunsubscribe',
]);

function allowed(): readonly string[] {
  return secrets.gatewayRules.filter((rule) => rule.startsWith('+')).map((rule) => rule.slice(1));
}

/** All limits that Redis counts are in force, but wide. */
const rates = {
  RATE_LOGINS_NAME: '1000/min',
  RATE_LOGINS_ADDRESS: '1000/min',
  RATE_PASSWORD_USER: '1000/min',
  RATE_PASSWORD_ROOM: '1000/min',
};
const quickDrain = { DRAIN_WAIT_SECONDS: '0', DRAIN_SECONDS: '1' };

/** Everything that makes gateways use Redis, one of them killed included. */
async function liveThroughAll(redisUrl: string): Promise<void> {
  await using cluster = await startCluster({
    gateways: 3,
    env: { REDIS_URL: redisUrl, ...rates, ...quickDrain },
  });
  await using people = new People();
  const urls = cluster.gateways.map(({ url }) => url);
  const [ann, bob, cid] = await registerAll(people, ['Ann', 'Bob', 'Cid'], urls);
  if (ann === undefined || bob === undefined || cid === undefined) expect.unreachable();
  const conversation = await gather('Lobby', [ann, bob, cid]);
  await talkAllAtOnce(conversation, 5);
  await untilOnline(conversation.rooms.values(), 3);

  await ann.client.create('Vault', { password: 'correct horse' });
  await ann.client.room('Vault');
  await expect(bob.client.join('Vault', 'wrong horse')).rejects.toMatchObject({
    code: 'no_such_room_or_password',
  });
  await bob.client.join('Vault', 'correct horse');
  await bob.client.leave('Vault');
  await ann.client.create('Fleeting', { retention: 0 });
  await bob.client.join('Fleeting');
  await (await ann.client.room('Fleeting')).send('gone tomorrow');

  const listed = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    for await (const { room, online } of ann.client.listRooms()) if (online > 0) names.push(room);
    return names.sort();
  };
  await eventually(async () => expect(await listed()).toEqual(['Fleeting', 'Lobby', 'Vault']));
  await eventually(async () => expect(await ann.client.usersOnline()).toBe(3));

  const again = await people.resume(bob.storage, urls[0] ?? '');
  await again.client.logout({ everywhere: true });
  // The third's user is taken away by the others when its lease is over.
  await cluster.gateways[2]?.kill();
  const lobby = conversation.rooms.get('Ann') ?? expect.unreachable();
  await untilOnline([lobby], 1, 40_000);
  await eventually(async () => expect(await ann.client.usersOnline()).toBe(1));
  expect(await cluster.gateways[0]?.drain()).toBe(0);
}

// Both wait for a lease to run out most of the time: together.
test.concurrent('the gateways live with the commands that the ACL gives them, and use each of them', async () => {
  const aclFile = join(dir, 'with-root.acl');
  writeFileSync(aclFile, `${readFileSync(secrets.aclFile, 'utf8')}user root on >root ~* &* +@all\n`);
  const config = ['--include', join(process.cwd(), 'deploy/redis/redis.conf'), '--aclfile', aclFile];
  await using redis = await startRedisServer({ args: config });
  await liveThroughAll(`${redis.url.replace('redis://', `redis://conclave:${secrets.password}@`)}/1`);
  expect(await askAsRoot(redis.port, 'ACL', 'LOG')).toEqual([]);

  const used = new Set(await commandsUsed(redis.port));
  const unused = allowed().filter((command) => !used.has(command) && !ofClusters.has(command));
  expect(unused).toEqual([]);
});

test.concurrent('the gateways live with the same ACL on a Redis Cluster', async () => {
  await using redis = await startRedisCluster();
  for (const { port } of redis.nodes) {
    await setUser(port, 'root', ['on', '>root', '~*', '&*', '+@all']);
    await setUser(port, 'conclave', secrets.gatewayRules);
  }
  const url = redis.url.replace('redis+cluster://', `redis+cluster://conclave:${secrets.password}@`);
  await liveThroughAll(url);
  const used = new Set<string>();
  for (const { port } of redis.nodes) {
    expect(await askAsRoot(port, 'ACL', 'LOG')).toEqual([]);
    for (const command of await commandsUsed(port)) used.add(command);
  }
  expect([...ofClusters].filter((command) => !used.has(command))).toEqual([]);
});
