import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeCodes } from '../../src/protocol/codes.ts';
import { closesOf, gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import { ADMIN_TOKEN, Operator } from '../support/cluster/operator.ts';
import { People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';

/** What a client sees when a connection ends without a close frame. */
const CLOSE_ABNORMAL = 1006;

let operator: Operator;
beforeAll(async () => {
  operator = await Operator.begin();
});
afterAll(() => operator[Symbol.asyncDispose]());

test('nodes are shed and drained by name through another one, with nothing lost', async () => {
  const env = { ADMIN_TOKEN, DRAIN_WAIT_SECONDS: '0', DRAIN_SECONDS: '2' };
  await using cluster = await startCluster({ gateways: 3, env });
  const [first, second] = cluster.gateways;
  await using balancer = await TcpBalancer.start(cluster.gateways.map(({ url }) => url));
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid', 'Dan', 'Eve', 'Fay'], [balancer.url]);
  const { oracle, rooms } = await gather('Operated', devices);
  await untilOnline(rooms.values(), 6);
  const node = (name: string): object => ({ node: name, sessions: 2, rooms: 1, draining: false });
  await operator.untilNodes(first, [node('node-0'), node('node-1'), node('node-2')]);
  expect((await operator.run(first, 'nodes')).json).toMatchObject([
    { type: 'node', node: 'node-0' },
    { type: 'node', node: 'node-1' },
    { type: 'node', node: 'node-2' },
    { type: 'total', nodes: 3, connections: 6, sessions: 6 },
  ]);

  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(5);
  expect(await operator.run(first, 'shed', 'node-1', '1')).toMatchObject({
    code: 0,
    json: [{ type: 'shedding', node: 'node-1', sessions: 1 }],
  });
  await chatter.everyoneSays(10);
  expect((await fetch(`${second?.adminUrl}/readyz`)).status).toBe(200);

  expect(await operator.run(first, 'drain', 'node-1')).toMatchObject({
    code: 0,
    json: [{ type: 'draining', node: 'node-1' }],
  });
  expect(await second?.exitCode).toBe(0);
  await chatter.everyoneSays(10);
  await chatter.stop();
  await oracle.verify();
  await untilOnline(rooms.values(), 6);
  const closes = closesOf(devices);
  // One was shed; then those of the drained node followed.
  expect(closes.filter((code) => code === closeCodes.going_away.code).length).toBeGreaterThanOrEqual(2);
  expect(closes).not.toContain(CLOSE_ABNORMAL);
  await operator.untilNodes(first, [{ node: 'node-0' }, { node: 'node-2' }]);
  expect(await operator.run(first, 'drain', 'node-1')).toMatchObject({
    code: 5,
    json: [{ code: 'no_such_node' }],
  });
});

test('a node that does not answer is said to be unconfirmed, and a dead one leaves the list', async () => {
  await using cluster = await startCluster({ gateways: 2, env: { ADMIN_TOKEN } });
  const [asked, paused] = cluster.gateways;
  paused?.pause();
  expect(await operator.run(asked, 'drain', 'node-1')).toMatchObject({
    code: 7,
    json: [{ code: 'unconfirmed' }],
  });
  await paused?.kill();
  await operator.untilNodes(asked, [{ node: 'node-0' }]);
});
