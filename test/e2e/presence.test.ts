import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ListedRoom } from '../../client/sdk/index.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { type Device, People } from '../support/cluster/people.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';

/** Well below the time that a lost one lingers. */
const SHOWN_MS_MAX = 5_000;

let cluster: TestCluster;
let urls: readonly [string, string, string];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 3 });
  const [first, second, third] = cluster.gateways.map(({ url }) => url);
  if (first === undefined || second === undefined || third === undefined) expect.unreachable();
  urls = [first, second, third];
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

/** Every answer that an observer got about this user since it entered. */
function told(observer: RawSession, room: RoomId, user: UserId): readonly boolean[] {
  return observer
    .events('presence')
    .filter(({ body }) => body.room === room)
    .flatMap(({ body }) => body.presence.users ?? [])
    .flatMap((entry) => (entry.user === user ? [entry.online] : []));
}

async function listed({ client }: Device, prefix: string): Promise<readonly ListedRoom[]> {
  const rooms: ListedRoom[] = [];
  for await (const room of client.listRooms({ prefix })) rooms.push(room);
  return rooms;
}

test('the number of people online covers all nodes, in the room and in the list', async () => {
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], urls);
  const { rooms } = await gather('Counted', devices);
  await untilOnline(rooms.values(), 3);
  await devices[2]?.client.close();
  rooms.delete('Cid');
  await untilOnline(rooms.values(), 2, SHOWN_MS_MAX);
  const observer = await people.register('Observer', urls[2]);
  await eventually(
    async () =>
      expect(await listed(observer, 'count')).toEqual([
        { room: 'Counted', online: 2, members: 3, password: false, suite: 1 },
      ]),
    { deadlineMs: PATIENCE_MS, pauseMs: 200 },
  );
  // Those in no room count as well.
  await eventually(async () => expect(await observer.client.usersOnline()).toBe(3), {
    deadlineMs: PATIENCE_MS,
    pauseMs: 200,
  });
});

// Both wait for as long as a lost session lingers.
test.concurrent('a connection that is lost is announced on the other nodes, one that is closed at once', async () => {
  await using people = new People();
  const [dan, eve, fay] = await registerAll(people, ['Dan', 'Eve', 'Fay'], urls);
  if (dan === undefined || eve === undefined || fay === undefined) expect.unreachable();
  const { rooms } = await gather('Losses', [dan, eve]);
  const { id } = await fay.client.join('Losses');
  await fay.client.close();
  const lost = await RawSession.open({ url: urls[2], account: fay.storage.account });
  await lost.request('enter', { rooms: [id] });
  await untilOnline(rooms.values(), 3);
  const away = (rooms.get('Dan') ?? expect.unreachable()).changes();
  lost.cut();
  expect((await away.next()).value).toEqual({
    type: 'presence',
    room: 'Losses',
    online: 2,
    users: [{ id: lost.user, online: false }],
  });
  await untilOnline(rooms.values(), 2);
});

test.concurrent('who moves to another node while the old connection dies is shown online all the time', async () => {
  await using people = new People();
  const [gil, hal, ida] = await registerAll(people, ['Gil', 'Hal', 'Ida'], urls);
  if (gil === undefined || hal === undefined || ida === undefined) expect.unreachable();
  const { id } = await gil.client.create('Moves');
  await hal.client.join('Moves');
  await ida.client.join('Moves');
  for (const { client } of [gil, hal, ida]) await client.close();
  const enter = async (url: string, device: typeof gil): Promise<RawSession> => {
    const session = await RawSession.open({ url, account: device.storage.account });
    await session.request('enter', { rooms: [id] });
    return session;
  };
  await using observer = await enter(urls[0], gil);
  const halBefore = await enter(urls[1], hal);
  const idaBefore = await enter(urls[1], ida);
  await eventually(() => expect(told(observer, id, idaBefore.user)).toEqual([true]));
  // Hal comes back on another node; Ida, lost at the same time, does not: when she is gone, his time is over too.
  halBefore.cut();
  idaBefore.cut();
  await using halAfter = await enter(urls[2], hal);
  await eventually(() => expect(told(observer, id, idaBefore.user)).toEqual([true, false]), {
    deadlineMs: PATIENCE_MS,
  });
  expect(told(observer, id, halBefore.user)).toEqual([true]);
  const [entered] = (await halAfter.request('enter', { rooms: [id] })).rooms;
  expect(entered?.presence?.online).toBe(2);
});
