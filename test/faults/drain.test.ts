import { expect, test } from 'vitest';
import { closeCodes } from '../../src/protocol/codes.ts';
import { gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';

/** What a client sees when a connection ends without a close frame. */
const CLOSE_ABNORMAL = 1006;
const quickDrain = { DRAIN_WAIT_SECONDS: '1', DRAIN_SECONDS: '2' } as const;

test('every node is replaced under load by draining, with nothing lost and every client told', async () => {
  await using cluster = await startCluster({ gateways: 2, env: quickDrain });
  const old = [...cluster.gateways];
  await using balancer = await TcpBalancer.start(old.map(({ url }) => url));
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid', 'Dan', 'Eve', 'Fay'], [balancer.url]);
  const { oracle, rooms } = await gather('Rolling', devices);
  await untilOnline(rooms.values(), 6);
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(10);
  for (const gateway of old) {
    balancer.add((await cluster.add()).url);
    expect(await gateway.drain()).toBe(0);
    await chatter.everyoneSays(5);
  }
  await chatter.stop();
  await oracle.verify();
  await untilOnline(rooms.values(), 6);
  for (const { wire } of devices) {
    expect(wire.events.filter(({ name }) => name === 'going-away').length).toBeGreaterThan(0);
    expect(wire.closeCodes).toContain(closeCodes.going_away.code);
    expect(wire.closeCodes).not.toContain(CLOSE_ABNORMAL);
  }
});

test('connections cut again and again under a conversation cost no message', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  await using balancer = await TcpBalancer.start(cluster.gateways.map(({ url }) => url));
  await using people = new People();
  const devices = await registerAll(people, ['Gil', 'Hal', 'Ida', 'Jim'], [balancer.url]);
  const { oracle, rooms } = await gather('Cuts', devices);
  const chatter = oracle.chatter(rooms);
  for (let cuts = 0; cuts < 3; cuts += 1) {
    await chatter.everyoneSays(8);
    balancer.cutAll();
  }
  await chatter.everyoneSays(8);
  await chatter.stop();
  await oracle.verify();
  for (const { wire } of devices) expect(wire.closeCodes.length).toBeGreaterThanOrEqual(3);
  await untilOnline(rooms.values(), 4);
});
