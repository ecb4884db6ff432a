import { expect, test } from 'vitest';
import { gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';

/** Nobody stays online longer after the node that held the session was killed. */
const GHOST_MS_MAX = 20_000;

test('a gateway killed under a conversation takes no acknowledged message along, and its ghosts are gone in 20 s', async () => {
  await using cluster = await startCluster({ gateways: 3 });
  const [victim] = cluster.gateways;
  if (victim === undefined) expect.unreachable();
  await using balancer = await TcpBalancer.start(cluster.gateways.map(({ url }) => url));
  await using people = new People();
  // In turn, so that the first and the fourth are on the gateway that is killed.
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid', 'Dan', 'Eve', 'Fay'], [balancer.url]);
  const { oracle, rooms } = await gather('Killed', devices);
  const ghost = await people.register('Ghost', victim.url);
  const { id } = await ghost.client.join('Killed');
  await ghost.client.close();
  const lost = await RawSession.open({ url: victim.url, account: ghost.storage.account });
  await lost.request('enter', { rooms: [id] });
  await untilOnline(rooms.values(), 7);

  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(10);
  // On a busy machine a registration may take more than one connection.
  const closedBefore = new Map(devices.map(({ wire }) => [wire, wire.closeCodes.length]));
  await victim.kill();
  await Promise.all([untilOnline(rooms.values(), 6, GHOST_MS_MAX), chatter.everyoneSays(20)]);
  await chatter.stop();
  await oracle.verify();
  const reconnected = devices.filter(({ wire }) => wire.closeCodes.length > (closedBefore.get(wire) ?? 0));
  expect(reconnected.length).toBeGreaterThan(0);
  expect(reconnected.length).toBeLessThan(devices.length);
  // Back on living nodes, presence is right for both coming and going.
  await devices[5]?.client.close();
  rooms.delete('Fay');
  await untilOnline(rooms.values(), 5);
});

test('a gateway paused beyond its lease loses nothing, its clients move on, and it takes its place again', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  const [paused, other] = cluster.gateways;
  if (paused === undefined || other === undefined) expect.unreachable();
  await using balancer = await TcpBalancer.start([paused.url, other.url]);
  await using people = new People();
  const devices = await registerAll(people, ['Gil', 'Hal', 'Ida', 'Jim'], [balancer.url]);
  const { oracle, rooms } = await gather('Paused', devices);
  // One who has no way to another node, and keeps the old connection.
  const stayer = await people.register('Stayer', paused.url);
  const { id } = await stayer.client.join('Paused');
  await stayer.client.close();
  await using staying = await RawSession.open({ url: paused.url, account: stayer.storage.account });
  await staying.request('enter', { rooms: [id] });
  await untilOnline(rooms.values(), 5);
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(10);
  paused.pause();
  // Its lease runs out: all that were on it, and did not come back elsewhere, are gone.
  const away = [...rooms.values()].find((room) => room.online < 5);
  expect(away).toBeUndefined();
  await eventually(
    () => expect(Math.min(...[...rooms.values()].map(({ online }) => online))).toBeLessThan(5),
    {
      deadlineMs: GHOST_MS_MAX,
      pauseMs: 50,
    },
  );
  await chatter.everyoneSays(10, { deadlineMs: 40_000 });
  paused.resume();
  await untilOnline(rooms.values(), 5);
  await chatter.everyoneSays(10);
  await chatter.stop();
  await oracle.verify();
  expect(staying.closeCode).toBeUndefined();
  await eventually(async () => expect((await fetch(`${paused.adminUrl}/readyz`)).status).toBe(200));
});
