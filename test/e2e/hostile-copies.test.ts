import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RoomMessage } from '../../client/sdk/index.ts';
import { concatBytes } from '../../src/protocol/bytes.ts';
import { idBytes } from '../../src/protocol/ids.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { gather, registerAll } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { sealFor } from '../support/cluster/raw-message.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { ListeningServer } from '../support/hostile/listening-server.ts';

let cluster: TestCluster;
let urls: readonly [string, string];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2 });
  const [first, second] = cluster.gateways.map(({ url }) => url);
  if (first === undefined || second === undefined) expect.unreachable();
  urls = [first, second];
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

test('copies for people who are not members, or too few for those who are, are refused and reach nobody', async () => {
  await using people = new People();
  const [ann, bob] = await registerAll(people, ['Ann', 'Bob'], urls);
  if (ann === undefined || bob === undefined) expect.unreachable();
  const { id } = await ann.client.create('Exact');
  await bob.client.join('Exact');
  await using session = await RawSession.open({ url: urls[0], account: ann.storage.account });
  const send = await sealFor(session, id, 'for two');
  const wraps = [
    concatBytes(send.wraps, new Uint8Array(randomBytes(256))),
    send.wraps.slice(0, 256),
    send.wraps.slice(0, 511),
    new Uint8Array(0),
  ];
  for (const wrong of wraps)
    expect(await session.refusal('send', { ...send, wraps: wrong })).toMatchObject({ code: 'bad_request' });

  const stranger = await people.register('Stranger', urls[1]);
  await using outside = await RawSession.open({ url: urls[1], account: stranger.storage.account });
  expect(await outside.refusal('send', send)).toMatchObject({ code: 'bad_request' });
  expect(await outside.refusal('history', { room: id, after: 0, limit: 10 })).toMatchObject({
    code: 'not_a_member',
  });

  const withBob = await sealFor(session, id, 'before Bob left');
  await bob.client.leave('Exact');
  expect(await session.refusal('send', withBob)).toMatchObject({ code: 'stale_roster' });
  expect(await session.refusal('send', { ...withBob, version: withBob.version + 1 })).toMatchObject({
    code: 'bad_request',
  });
  expect((await session.request('history', { room: id, after: 0, limit: 10 })).messages).toEqual([]);
});

test('a stored copy that does not open is one line with its reason, and hides nothing else', async () => {
  await using people = new People();
  const [cid, dan] = await registerAll(people, ['Cid', 'Dan'], urls);
  if (cid === undefined || dan === undefined) expect.unreachable();
  const { rooms } = await gather('Damaged', [cid, dan]);
  const room = rooms.get('Cid') ?? expect.unreachable();
  for (const text of ['one', 'two', 'three', 'four']) await room.send(text);
  const { id: reader } = await dan.client.me();
  await dan.client.close();
  await using mongo = new MongoClient(cluster.mongoUrl);
  const damaged = await mongo
    .db()
    .collection('messages')
    .updateOne(
      { room: idBytes(room.id), seq: 2 },
      { $set: { [`copies.${reader}`]: new Uint8Array(randomBytes(256)) } },
    );
  expect(damaged.modifiedCount).toBe(1);

  const again = await people.login(dan.storage.account, urls[0]);
  const seen: (string | undefined)[] = [];
  for await (const message of (await again.client.room('Damaged')).follow({ after: 'joined', live: false }))
    seen.push(...shown(message));
  expect(seen).toEqual(['one', 'undecryptable', 'three', 'four']);
  const untouched: (string | undefined)[] = [];
  for await (const message of room.follow({ after: 'joined', live: false }))
    untouched.push(...shown(message));
  expect(untouched).toEqual(['one', 'two', 'three', 'four']);
});

function shown(message: RoomMessage): readonly (string | undefined)[] {
  if (message.type !== 'message') return [];
  return [message.status === 'ok' ? message.text : message.status];
}

test('a stored copy that a hostile server hands out as a login challenge is not answered', async () => {
  await using people = new People();
  const [eve, fay] = await registerAll(people, ['Eve', 'Fay'], urls);
  if (eve === undefined || fay === undefined) expect.unreachable();
  const { rooms } = await gather('Stored', [eve, fay]);
  await (rooms.get('Eve') ?? expect.unreachable()).send('a secret');
  await using session = await RawSession.open({ url: urls[1], account: fay.storage.account });
  const room = rooms.get('Fay')?.id ?? expect.unreachable();
  const [copy] = (await session.request('history', { room, after: 0, limit: 1 })).messages;
  const challenge = copy?.wrap ?? expect.unreachable();
  await using hostile = await ListeningServer.before(urls[1]);
  hostile.reply('login', (reply) => ({ ...reply, challenge }));
  await expect(people.login(fay.storage.account, hostile.url)).rejects.toMatchObject({ code: 'auth_failed' });
  expect(hostile.asked.map(({ name }) => name)).toEqual(['hello', 'login']);
});

test("a server in the middle cannot pass the real server's challenge on", async () => {
  await using people = new People();
  const victim = await people.register('Victim', urls[0]);
  // It greets the real server in the victim's name, as if the victim had dialled that one.
  const origin = parseOrigin(urls[1]) ?? expect.unreachable();
  await using hostile = await ListeningServer.before(urls[1]);
  hostile.divert('hello', (hello) => ({ ...hello, origin }));
  await expect(people.login(victim.storage.account, hostile.url)).rejects.toMatchObject({
    code: 'auth_failed',
  });
  expect(hostile.asked.map(({ name }) => name)).toEqual(['hello', 'login']);
});
