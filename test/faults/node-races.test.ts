import { expect, test } from 'vitest';
import { newAccountKeys } from '../../client/sdk/index.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { roomNamed } from '../support/ports/service-world.ts';
import { freePort } from '../support/services/server-process.ts';

/** Longer than a lease, so that the others take the node for dead. */
const PAUSE_MS = 20_000;

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

const urlOf = ({ gateways }: TestCluster, i: number): string => present(gateways[i]).url;

/** Who is online in the room, as this node tells who enters now. */
async function onlineBy(url: string, session: RawSession, room: RoomId): Promise<readonly string[]> {
  const { rooms } = await session.request('enter', { rooms: [room] });
  const users = present(rooms[0]?.presence?.users);
  expect([url, rooms[0]?.presence?.online]).toEqual([url, users.filter(({ online }) => online).length]);
  return users.flatMap(({ user, online }) => (online ? [user] : [])).sort();
}

test('a node that was paused for 20 s and comes back: presence is right on all nodes', async () => {
  await using cluster = await startCluster({ gateways: 3 });
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob'], [urlOf(cluster, 0), urlOf(cluster, 1)]);
  const { rooms } = await gather('Sleepy', devices);
  const room = present(rooms.get('Ann')).id;
  const { name } = present(rooms.get('Ann'));
  const stays = await RawSession.open({
    url: urlOf(cluster, 2),
    account: await newAccountKeys('Stays'),
    register: true,
  });
  const goes = await RawSession.open({
    url: urlOf(cluster, 2),
    account: await newAccountKeys('Goes'),
    register: true,
  });
  await using _stays = stays;
  for (const session of [stays, goes]) {
    await session.request('join', { name: roomNamed(name) });
    await session.request('enter', { rooms: [room] });
  }
  await untilOnline(rooms.values(), 4);
  const sleeper = present(cluster.gateways[2]);
  sleeper.pause();
  const pausedAtMs = performance.now();
  // One goes while the node sleeps, and one of the others meanwhile talks to nobody there.
  goes.cut();
  await untilOnline(rooms.values(), 2);
  await eventually(() => expect(performance.now() - pausedAtMs).toBeGreaterThan(PAUSE_MS), {
    deadlineMs: 2 * PAUSE_MS,
  });
  sleeper.resume();
  await untilOnline(rooms.values(), 3);
  const expected = [
    stays.user,
    ...(await Promise.all(devices.map(async ({ client }) => (await client.me()).id))),
  ].sort();
  for (const { url } of cluster.gateways) {
    await using visitor = await RawSession.open({ url, account: present(devices[0]).storage.account });
    await eventually(async () => expect(await onlineBy(url, visitor, room)).toEqual(expected));
  }
  await present(devices[0]).client.close();
  rooms.delete('Ann');
  await untilOnline(rooms.values(), 2);
});

test('a node started again at once under its old name: its people are online once, and no ghost stays', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  await using people = new People();
  // As a service has it: the same port both times.
  const same = { NODE_ID: 'the-same', PORT: `${await freePort()}` };
  const victim = await cluster.add(same);
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid', 'Dan'], [urlOf(cluster, 0), victim.url]);
  const { oracle, rooms } = await gather('Restart', devices);
  const ghost = await RawSession.open({
    url: victim.url,
    account: await newAccountKeys('Ghost'),
    register: true,
  });
  await ghost.request('join', { name: roomNamed(present(rooms.get('Ann')).name) });
  await ghost.request('enter', { rooms: [present(rooms.get('Ann')).id] });
  await untilOnline(rooms.values(), 5);
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(5);
  await victim.kill();
  await cluster.add(same);
  await chatter.everyoneSays(5);
  // The ghost is gone after one lease; those who came back were counted once all the time.
  await untilOnline(rooms.values(), 4);
  await chatter.stop();
  await oracle.verify();
  await present(devices[1]).client.close();
  rooms.delete('Bob');
  await untilOnline(rooms.values(), 3);
});

test('a user who moves between nodes, overlapping or with a gap, ends online, then offline, everywhere', async () => {
  await using cluster = await startCluster({ gateways: 3 });
  await using people = new People();
  const urls = cluster.gateways.map(({ url }) => url);
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], urls);
  const { rooms } = await gather('Moving', devices);
  const { id: room, name } = present(rooms.get('Ann'));
  const account = await newAccountKeys('Mia');
  let mia = await RawSession.open({ url: present(urls[0]), account, register: true });
  await mia.request('join', { name: roomNamed(name) });
  await mia.request('enter', { rooms: [room] });
  for (let move = 1; move <= 20; move += 1) {
    const url = present(urls[move % urls.length]);
    const hasGap = move % 3 === 0;
    if (hasGap) await mia[Symbol.asyncDispose]();
    const next = await RawSession.open({ url, account });
    await next.request('enter', { rooms: [room] });
    if (!hasGap && move % 2 === 0) mia.cut();
    else if (!hasGap) await mia[Symbol.asyncDispose]();
    mia = next;
  }
  const seenBy = async (): Promise<readonly (boolean | undefined)[]> =>
    Promise.all(
      [...rooms.values()].map(
        async (entered) => (await entered.members()).find(({ id }) => id === mia.user)?.online,
      ),
    );
  await untilOnline(rooms.values(), 4);
  await eventually(async () => expect(await seenBy()).toEqual([true, true, true]));
  // Those that were cut linger for ten seconds, and take nothing with them when they go.
  await mia[Symbol.asyncDispose]();
  await untilOnline(rooms.values(), 3);
  await eventually(async () => expect(await seenBy()).toEqual([false, false, false]));
});
