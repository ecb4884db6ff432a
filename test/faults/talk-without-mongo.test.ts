import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  closesOf,
  expectUnavailable,
  gather,
  registerAll,
  untilOnline,
} from '../support/cluster/conversation.ts';
import { PATIENCE_MS, promptBackends } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { sealFor } from '../support/cluster/raw-message.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import type { MongoServer } from '../support/services/mongo-server.ts';

let cluster: TestCluster;
let mongo: MongoServer;
let urls: readonly [string, string];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, ownMongo: true, env: promptBackends });
  const [first, second] = cluster.gateways.map(({ url }) => url);
  if (first === undefined || second === undefined || cluster.mongo === undefined) expect.unreachable();
  urls = [first, second];
  mongo = cluster.mongo;
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const faults = [
  { name: 'killed and started again', room: 'Killed', begin: () => mongo.kill(), end: () => mongo.restart() },
  {
    name: 'paused and continued',
    room: 'Paused',
    begin: () => mongo.pause(),
    end: () => mongo.resume(),
  },
] as const;

test.each(faults)(
  'MongoDB $name under a conversation: refusals meanwhile, then everything is there',
  async ({ room, begin, end }) => {
    await using people = new People();
    const devices = await registerAll(people, [`${room}Ann`, `${room}Bob`, `${room}Cid`], urls);
    const { oracle, rooms } = await gather(room, devices);
    const raw = await people.register(`${room}Raw`, urls[0]);
    const { id } = await raw.client.join(room);
    await raw.client.close();
    await using session = await RawSession.open({ url: urls[0], account: raw.storage.account });
    await session.request('enter', { rooms: [id] });
    const send = await sealFor(session, id, 'Raw 1');
    await untilOnline(rooms.values(), 4);
    const closedBefore = closesOf(devices);
    const chatter = oracle.chatter(rooms);
    await chatter.everyoneSays(10);
    await begin();
    await expectUnavailable(() => session.refusal('send', send));
    await expectUnavailable(() => session.refusal('history', { room: id, after: 0, limit: 10 }));
    await end();
    await chatter.everyoneSays(20);
    await chatter.stop();
    await oracle.verify();
    expect(closesOf(devices)).toEqual(closedBefore);
    for (const { adminUrl } of cluster.gateways)
      await eventually(async () => expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200), {
        deadlineMs: PATIENCE_MS,
      });
    await untilOnline(rooms.values(), 4);
  },
);
