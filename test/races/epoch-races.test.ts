import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { IdentityKeys } from '../../client/crypto/identity-keys.ts';
import { errorCodes } from '../../src/protocol/codes.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { type PreparedEpoch, prepareEpoch, under, withoutWraps } from '../support/ports/epoch-maker.ts';
import { PreparedSends } from '../support/ports/prepared-send.ts';
import { present } from '../support/protocol/arbitraries.ts';
import { RawClient, type RawReply, type TestAccount } from '../support/raw-client.ts';
import { askRedis } from '../support/services/redis-server.ts';

const RACES = 12;

interface Device {
  readonly client: RawClient;
  readonly account: TestAccount;
}

async function connect(url: string, keys: IdentityKeys, account?: TestAccount): Promise<Device> {
  const client = await RawClient.connect(url);
  await client.hello();
  const own = account ?? (await client.register(`p${randomBytes(6).toString('hex')}`, keys));
  await client.login(own);
  return { client, account: own };
}

async function prepare(
  { client, account }: Device,
  room: RoomId,
  before?: PreparedEpoch,
): Promise<PreparedEpoch> {
  const { version, members } = await client.ask('members', { room });
  const ascending = members.toSorted((one, other) => (one.user < other.user ? -1 : 1));
  const state = { room, version, password: { number: 0 }, members: ascending };
  return prepareEpoch(account, state, before, before === undefined ? {} : { reason: 'repair' });
}

async function putWraps({ client }: Device, epoch: PreparedEpoch): Promise<void> {
  const { body, bodyHash, wraps } = epoch;
  await client.ask('wraps', { room: body.room, bodyHash, part: 0, bytes: wraps });
}

async function store({ client }: Device, epoch: PreparedEpoch): Promise<RawReply<'epoch'>> {
  const { body, record } = epoch;
  return present(await client.request('epoch', { room: body.room, record }));
}

async function commit(device: Device, epoch: PreparedEpoch): Promise<RawReply<'epoch'>> {
  await putWraps(device, epoch);
  return store(device, epoch);
}

interface Pair {
  readonly ann: Device;
  readonly bob: Device;
  readonly room: RoomId;
}

/** A room of suite 2; each of them is connected to another gateway, and has entered it. */
async function gather({ gateways }: TestCluster, keys: IdentityKeys): Promise<Pair> {
  const ann = await connect(present(gateways[0]).url, keys);
  const bob = await connect(present(gateways[1]).url, keys);
  const name = present(parseRoomName(`epochs${randomBytes(6).toString('hex')}`));
  const { room } = (await ann.client.ask('create', { name, hidden: false, retention: 1, suite: 2 })).info;
  await bob.client.ask('join', { name, suite: 2 });
  for (const { client } of [ann, bob]) await client.ask('enter', { rooms: [room], suite: 2 });
  return { ann, bob, room };
}

async function sendUnder({ client, account }: Device, epoch: PreparedEpoch): Promise<number> {
  const { room, rosterVersion } = epoch.body;
  const view = { room, version: rosterVersion, members: [] };
  const body = new PreparedSends(account).prepare(view, under(epoch));
  return (await client.ask('send', withoutWraps(body, epoch))).seq;
}

const told = ({ client }: Device): readonly number[] =>
  client.eventsOf('epoch').map(({ epoch }) => epoch.number);

test('of two epochs made at once on two nodes one is stored, and told to both members before its messages', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  const keys = await newKeys();
  for (let race = 0; race < RACES; race += 1) {
    const { ann, bob, room } = await gather(cluster, keys);
    await using _ann = ann.client;
    await using _bob = bob.client;
    const [hers, his] = [await prepare(ann, room), await prepare(bob, room)];
    const [herReply, hisReply] = await Promise.all([commit(ann, hers), commit(bob, his)]);
    const [winner, lost] = herReply.ok === undefined ? [his, herReply] : [hers, hisReply];
    expect([herReply, hisReply].filter(({ ok }) => ok !== undefined)).toHaveLength(1);
    expect(lost.error).toBe('conflict');
    expect(lost.epoch?.record).toEqual(winner.record);
    const seq = await sendUnder(bob, winner);
    for (const { client } of [ann, bob]) {
      const { message } = await client.event('deliver');
      expect(message).toMatchObject({ seq, wrap: new Uint8Array(0) });
      const { epoch } = await client.event('epoch');
      expect(epoch.record).toEqual(winner.record);
      const order = client.events.map(({ name }) => name).filter((name) => /^(epoch|deliver)$/.test(name));
      expect(order).toEqual(['epoch', 'deliver']);
    }
  }
}, 180_000);

test('a node that dies between wraps and epoch takes the wraps along, and another node takes both again', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  const keys = await newKeys();
  const { ann, bob, room } = await gather(cluster, keys);
  await using _bob = bob.client;
  const epoch = await prepare(ann, room);
  await putWraps(ann, epoch);
  await present(cluster.gateways[0]).kill();
  await ann.client.closed;
  const again = await connect(present(cluster.gateways[1]).url, keys, ann.account);
  await using _again = again.client;
  expect((await store(again, epoch)).error).toBe('wraps_missing');
  expect((await commit(again, epoch)).error).toBeUndefined();
  expect((await bob.client.event('epoch')).epoch.record).toEqual(epoch.record);
  const { epochs } = await again.client.ask('epochs', { room, after: 0, limit: 10 });
  expect(epochs.map(({ number }) => number)).toEqual([1]);
});

test('a Redis that is emptied forgets no epoch: numbers go on, and messages are taken under the newest', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  const keys = await newKeys();
  const { ann, bob, room } = await gather(cluster, keys);
  await using _ann = ann.client;
  await using _bob = bob.client;
  const first = await prepare(ann, room);
  expect((await commit(ann, first)).error).toBeUndefined();
  await askRedis(cluster.redis.port, 'FLUSHALL', '+OK');
  expect(await sendUnder(bob, first)).toBeGreaterThan(0);
  const second = await prepare(bob, room, first);
  expect((await commit(bob, second)).error).toBeUndefined();
  await eventually(() => {
    for (const device of [ann, bob]) expect(told(device)).toEqual([1, 2]);
  });
  await askRedis(cluster.redis.port, 'FLUSHALL', '+OK');
  for (const { client } of [ann, bob]) {
    const { rooms } = await client.ask('enter', { rooms: [room], suite: 2 });
    expect(rooms[0]?.info).toMatchObject({ suite: 2, epoch: 2 });
  }
  expect(await sendUnder(ann, second)).toBeGreaterThan(0);
});

test('a client that does not name suite 2 is kept out of its rooms, and of no others', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  const keys = await newKeys();
  const { ann, bob, room } = await gather(cluster, keys);
  await using _ann = ann.client;
  await using _bob = bob.client;
  const name = present(parseRoomName(`plain${randomBytes(6).toString('hex')}`));
  const plain = (await ann.client.ask('create', { name, hidden: false, retention: 1 })).info;
  const { rooms } = await ann.client.ask('enter', { rooms: [room, plain.room] });
  expect(rooms.map(({ error }) => error)).toEqual([errorCodes.unsupported_version.code, undefined]);
});
