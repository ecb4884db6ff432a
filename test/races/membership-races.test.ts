import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccountKeys, newAccountKeys } from '../../client/sdk/index.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import type { RequestBody } from '../../src/protocol/requests.ts';
import { gather, registerAll } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { sealFor } from '../support/cluster/raw-message.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy } from '../support/hostile/fault-proxy.ts';
import { roomNamed } from '../support/ports/service-world.ts';
import { insist } from './insist.ts';
import { recordVersion, storedCopies } from './stored-copies.ts';

type Send = RequestBody<'send'>;

let cluster: TestCluster;
let urls: readonly [string, string, string];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 3 });
  const [one, two, three] = cluster.gateways.map(({ url }) => url);
  urls = [present(one), present(two), present(three)];
});

afterAll(() => cluster[Symbol.asyncDispose]());

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

test('a member that leaves under a stream of messages gets no copy after the reply, on any node', async () => {
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], urls);
  const { oracle, rooms } = await gather('Leaving', devices);
  const room = present(rooms.get('Ann')).id;
  const account = await newAccountKeys('Leo');
  await using leo = await RawSession.open({ url: urls[0], account, register: true });
  await using leoTwo = await RawSession.open({ url: urls[1], account });
  await using leoThree = await RawSession.open({ url: urls[2], account });
  const chatter = oracle.chatter(rooms);
  const stays: [from: number, through: number][] = [];
  for (let round = 0; round < 4; round += 1) {
    const [before] = (await present(devices[2]).client.ownRooms()).filter(({ id }) => id === room);
    await insist(leo, 'join', { name: roomNamed(present(rooms.get('Ann')).name) }, 'already_a_member');
    for (const session of [leo, leoTwo, leoThree])
      await insist(session, 'enter', { rooms: [room] }, 'conflict');
    await chatter.everyoneSays(5);
    await insist(leo, 'leave', { room }, 'not_a_member');
    const deliveredTo = (session: RawSession): number => session.events('deliver').length;
    const atReply = deliveredTo(leo);
    // The position now, as a member sees it: whatever comes behind it was taken after the reply.
    const [entered] = (await present(devices[2]).client.ownRooms()).filter(({ id }) => id === room);
    stays.push([present(before).head, present(entered).head]);
    await chatter.everyoneSays(5);
    expect(deliveredTo(leo)).toBe(atReply);
    for (const session of [leoTwo, leoThree]) {
      await eventually(() => expect(session.events('room-gone').length).toBeGreaterThan(round));
      const events = session.wire.events.map(({ name }) => name);
      expect(events.slice(events.lastIndexOf('room-gone'))).not.toContain('deliver');
    }
  }
  await chatter.stop();
  await oracle.verify();
  const copies = await storedCopies(cluster.mongoUrl, room);
  const leos = copies.filter(({ users }) => users.includes(leo.user)).map(({ seq }) => seq);
  expect(leos.length).toBeGreaterThan(0);
  const outside = leos.filter((seq) => !stays.some(([from, through]) => seq > from && seq <= through));
  expect(outside).toEqual([]);
});

test('two nodes that make a room of the same name at once make one room', async () => {
  await using people = new People();
  const [ann, bob, cid] = await registerAll(people, ['Anna', 'Bobby', 'Cindy'], urls);
  for (let round = 0; round < 10; round += 1) {
    const name = `Twin${round}`;
    const names = [name, name.toUpperCase(), name.toLowerCase()];
    const made = await Promise.allSettled(
      [ann, bob, cid].map((device, i) => present(device).client.create(present(names[i]))),
    );
    const codes = made.map((outcome) => (outcome.status === 'fulfilled' ? 'made' : outcome.reason.code));
    expect(codes.sort()).toEqual(['made', 'name_taken', 'name_taken']);
    const ids = await Promise.all(
      [ann, bob, cid].map(async (device) => (await present(device).client.join(name)).id),
    );
    expect(new Set(ids).size).toBe(1);
  }
});

test.each([
  ['the next try of who left', 'leave'],
  ['somebody who joins', 'join'],
])('a roster change cut short behind the record is completed by %s, on another node', async (_, by) => {
  const cutOff = async (): Promise<{
    room: RoomId;
    name: string;
    bob: RawSession;
    leo: AccountKeys;
    stale: Send;
  }> => {
    await using toRedis = await FaultProxy.before(cluster.redis.url);
    await using toMongo = await FaultProxy.before(cluster.mongoUrl);
    const victim = await cluster.add({ REDIS_URL: toRedis.url, MONGODB_URL: toMongo.url });
    const bob = await RawSession.open({
      url: urls[0],
      account: await newAccountKeys(`Bob${by}`),
      register: true,
    });
    const leo = await newAccountKeys(`Leo${by}`);
    await using leaving = await RawSession.open({ url: victim.url, account: leo, register: true });
    const name = present(parseRoomName(`Cut${by}`));
    const { info } = await bob.request('create', { name, hidden: false, retention: 30 });
    await leaving.request('join', { name });
    await bob.request('enter', { rooms: [info.room] });
    const stale = await sealFor(bob, info.room, 'for Leo, too');
    // The record is changed, and the clock cannot be told.
    const held = toMongo.holdAt(
      (chunk) => chunk.includes('update') && chunk.includes('lastChange') && chunk.includes('$set'),
    );
    const left = leaving.refusal('leave', { room: info.room }).catch(() => undefined);
    await held;
    toRedis.cut();
    toMongo.release();
    await eventually(async () => expect(await recordVersion(cluster.mongoUrl, info.room)).toBe(3));
    await victim.kill();
    await left;
    return { room: info.room, name, bob, leo, stale };
  };
  const { room, name, bob, leo, stale } = await cutOff();
  await using talking = bob;
  expect(talking.events('roster')).toEqual([]);
  await using other = await RawSession.open({ url: urls[1], account: leo });
  await using joiner = await RawSession.open({
    url: urls[2],
    account: await newAccountKeys(`Joe${by}`),
    register: true,
  });
  if (by === 'leave') expect(await other.refusal('leave', { room })).toMatchObject({ code: 'not_a_member' });
  else await joiner.request('join', { name: present(parseRoomName(name)) });
  // From here on nothing for Leo is taken, and everybody is told that Leo left.
  expect(await talking.refusal('send', stale)).toMatchObject({ code: 'stale_roster' });
  await eventually(() => expect(talking.events('roster').map(({ body }) => body.kind)).toContain('left'));
  const { members } = await talking.request('members', { room });
  expect(members.map(({ user }) => user)).not.toContain(other.user);
  await talking.request('send', await sealFor(talking, room, 'without Leo'));
  expect(
    (await storedCopies(cluster.mongoUrl, room)).filter(({ users }) => users.includes(other.user)),
  ).toEqual([]);
});
