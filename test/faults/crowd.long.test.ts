import { expect, test } from 'vitest';
import type { RoomId } from '../../src/protocol/ids.ts';
import type { RoomName } from '../../src/protocol/names.ts';
import { PATIENCE_MS, promptBackends } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { openCrowd } from '../support/cluster/wanderer.ts';
import { eventually } from '../support/eventually.ts';
import { roomNamed } from '../support/ports/service-world.ts';

const CLIENTS = 200;
const ROOMS = 10;
const STORM_MS = 10_000;
/** A gateway answers within half a second; the rest is for a busy machine, and for this one process that plays all clients. */
const ANSWER_MS_MAX = 15_000;

test('two hundred people who join and leave in any order for 10 s block nobody, and all rooms end up right', async () => {
  // A MongoDB of its own: it is kept busy, and other tests want answers from theirs.
  await using cluster = await startCluster({ gateways: 2, ownMongo: true, env: promptBackends });
  const urls = cluster.gateways.map(({ url }) => url);
  await using people = new People();
  const owner = await people.register('Owner', urls[0] ?? '');
  const rooms: (readonly [RoomName, RoomId])[] = [];
  for (let i = 0; i < ROOMS; i += 1) {
    const { room, id } = await owner.client.create(`Crowd${i}`);
    rooms.push([roomNamed(room), id]);
    await owner.client.room(room);
  }
  const crowd = await openCrowd(CLIENTS, urls);
  await using _ = {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(crowd.map((wanderer) => wanderer[Symbol.asyncDispose]()));
    },
  };

  const untilMs = performance.now() + STORM_MS;
  await Promise.all(crowd.map((wanderer) => wanderer.wander(rooms, untilMs)));
  // Everybody got in somewhere and out again, and never waited for an answer.
  expect(crowd.filter(({ visits }) => visits === 0)).toEqual([]);
  expect(Math.max(...crowd.map(({ slowestMs }) => slowestMs))).toBeLessThan(ANSWER_MS_MAX);
  for (const [name] of rooms) {
    const room = await owner.client.room(name);
    await eventually(
      async () => {
        expect((await room.members()).map(({ user }) => user)).toEqual(['Owner']);
        expect(room.online).toBe(1);
      },
      { deadlineMs: PATIENCE_MS },
    );
  }

  // And nothing is worn out.
  const [name, id] = rooms[0] ?? expect.unreachable();
  const some = crowd.slice(0, 20);
  await Promise.all(some.map((wanderer) => wanderer.join(name)));
  for (const { session } of some.slice(0, urls.length))
    expect((await session.request('members', { room: id })).members.length).toBe(some.length + 1);
});
