import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RoomMessage } from '../../client/sdk/index.ts';
import { expectOwnCopies, gather, registerAll, talkAllAtOnce } from '../support/cluster/conversation.ts';
import { Oracle } from '../support/cluster/oracle.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';

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

async function texts(
  messages: AsyncIterable<RoomMessage>,
  count = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const read: string[] = [];
  for await (const message of messages) {
    read.push(message.type === 'message' ? (message.text ?? message.status) : message.type);
    if (read.length >= count) break;
  }
  return read;
}

test('people on three nodes read one order, each from a copy of their own', async () => {
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], urls);
  const conversation = await gather('Lobby', devices);
  await talkAllAtOnce(conversation, 15);
  const lobby = conversation.rooms.get('Ann') ?? expect.unreachable();
  expectOwnCopies(lobby, devices);
  expect(conversation.oracle.acknowledgedCount).toBe(45);
});

test('an account made on one node logs in on another, joins through a third, and reads', async () => {
  await using people = new People();
  const owner = await people.register('Owner1', urls[2]);
  await owner.client.create('Threefold');
  const made = await people.register('Mover', urls[0]);
  const account = made.storage.account;
  await made.client.close();
  const reading = await people.login(account, urls[1]);
  const joining = await people.login(account, urls[2]);
  await joining.client.join('threefold');
  const room = await reading.client.room('Threefold');
  const messages = room.follow({ after: 'joined' });
  await (await owner.client.room('Threefold')).send('welcome');
  expect(await texts(messages, 1)).toEqual(['welcome']);
});

test('a member who was away gets everything later, on another node, in order and once', async () => {
  await using people = new People();
  const [dan, eve] = await registerAll(people, ['Dan', 'Eve'], urls);
  if (dan === undefined || eve === undefined) expect.unreachable();
  const { oracle, rooms } = await gather('Away', [dan]);
  await eve.client.join('Away');
  await eve.client.close();
  const danRoom = rooms.get('Dan') ?? expect.unreachable();
  // More than one page of history.
  for (let i = 0; i < 130; i += 1) await oracle.say(danRoom, 'Dan');
  const back = await people.resume(eve.storage, urls[2]);
  oracle.follow(await back.client.room('Away'), 'Eve', 'joined');
  await oracle.verify();
});

test('one connection talks in thirty rooms', async () => {
  await using people = new People();
  const [fay, gil] = await registerAll(people, ['Fay', 'Gil'], urls);
  if (fay === undefined || gil === undefined) expect.unreachable();
  const names = Array.from({ length: 30 }, (_, i) => `Thirty${i}`);
  const conversations = await Promise.all(names.map((name) => gather(name, [fay, gil])));
  await Promise.all(conversations.map((conversation) => talkAllAtOnce(conversation, 2)));
  expect((await fay.client.ownRooms()).length).toBe(30);
  expect((await gil.client.ownRooms()).map(({ role }) => role)).toEqual(names.map(() => 'member'));
});

test('a newcomer reads what those send who were in the room before, and nothing older', async () => {
  await using people = new People();
  const [hal, ida] = await registerAll(people, ['Hal', 'Ida'], urls);
  if (hal === undefined || ida === undefined) expect.unreachable();
  const { rooms } = await gather('Newcomers', [hal]);
  const halRoom = rooms.get('Hal') ?? expect.unreachable();
  await halRoom.send('before');
  const joined = halRoom.changes();
  await ida.client.join('Newcomers');
  const idaRoom = await ida.client.room('Newcomers');
  const messages = idaRoom.follow({ after: 0 });
  expect((await joined.next()).value).toMatchObject({ type: 'member-joined', user: 'Ida' });
  await halRoom.send('after');
  expect(await texts(messages, 1)).toEqual(['after']);
  expect((await idaRoom.history({ after: 0 })).messages.map(({ seq }) => seq)).toEqual([2]);
  expect((await idaRoom.members()).map(({ user, online }) => [user, online])).toEqual([
    ['Hal', true],
    ['Ida', true],
  ]);
});

test('a message of 16 KiB arrives whole on another node, and one byte more is refused', async () => {
  await using people = new People();
  const [jim, kim] = await registerAll(people, ['Jim', 'Kim'], urls);
  if (jim === undefined || kim === undefined) expect.unreachable();
  const { rooms } = await gather('Large', [jim, kim]);
  const text = 'ö'.repeat(8 * 1024);
  const messages = (rooms.get('Kim') ?? expect.unreachable()).follow({ after: 'now' });
  const jimRoom = rooms.get('Jim') ?? expect.unreachable();
  await jimRoom.send(text);
  expect(await texts(messages, 1)).toEqual([text]);
  await expect(jimRoom.send(`${text}!`)).rejects.toMatchObject({ code: 'too_large' });
});

test('history is read in pages in both directions, on every node', async () => {
  await using people = new People();
  const [lea, max] = await registerAll(people, ['Lea', 'Max'], urls);
  if (lea === undefined || max === undefined) expect.unreachable();
  const { rooms } = await gather('Pages', [lea, max]);
  const said: string[] = [];
  for (let i = 1; i <= 25; i += 1) {
    said.push(`line ${i}`);
    await (rooms.get('Lea') ?? expect.unreachable()).send(`line ${i}`);
  }
  const room = rooms.get('Max') ?? expect.unreachable();
  const forward: string[] = [];
  for (let after = room.joined, more = true; more; ) {
    const page = await room.history({ after, limit: 7 });
    forward.push(
      ...page.messages.flatMap((message) => (message.type === 'message' ? [message.text ?? ''] : [])),
    );
    ({ through: after, more } = page);
  }
  expect(forward).toEqual(said);
  const backward: string[] = [];
  for (let before = room.head + 1, more = true; more; ) {
    const page = await room.history({ before, limit: 7 });
    backward.unshift(
      ...page.messages.flatMap((message) => (message.type === 'message' ? [message.text ?? ''] : [])),
    );
    ({ through: before, more } = page);
  }
  expect(backward).toEqual(said);
});

test('a locked room refuses the wrong password, and who joins reads nothing older', async () => {
  await using people = new People();
  const [nan, ole, pia] = await registerAll(people, ['Nan', 'Ole', 'Pia'], urls);
  if (nan === undefined || ole === undefined || pia === undefined) expect.unreachable();
  await nan.client.create('Vault', { password: 'correct horse' });
  expect(await ole.client.lookup('Vault')).toEqual({ password: true });
  const refused = { code: 'no_such_room_or_password' };
  await expect(ole.client.join('Vault', 'wrong horse')).rejects.toMatchObject(refused);
  await expect(ole.client.join('Vault')).rejects.toBeDefined();
  await ole.client.join('Vault', 'correct horse');
  const oracle = new Oracle();
  const [nanRoom, oleRoom] = [await nan.client.room('Vault'), await ole.client.room('Vault')];
  oracle.follow(nanRoom, 'Nan');
  oracle.follow(oleRoom, 'Ole');
  await oracle.say(nanRoom, 'Nan');
  await oracle.say(oleRoom, 'Ole');
  await pia.client.join('vault', 'correct horse');
  const piaRoom = await pia.client.room('Vault');
  oracle.follow(piaRoom, 'Pia', 'joined');
  expect((await piaRoom.history({ after: 0 })).messages).toEqual([]);
  // A message for the roster before her joining would have no copy for her.
  await eventually(async () => expect(await oleRoom.members()).toHaveLength(3));
  await oracle.say(oleRoom, 'Ole');
  await oracle.verify();
  expect((await piaRoom.history({ after: 0 })).messages.map(({ seq }) => seq)).toEqual([3]);
});

test('a room that stores nothing carries talk between nodes, and keeps none of it for later', async () => {
  await using people = new People();
  const [quin, rex, sue] = await registerAll(people, ['Quin', 'Rex', 'Sue'], urls);
  if (quin === undefined || rex === undefined || sue === undefined) expect.unreachable();
  await quin.client.create('Passing', { retention: 0 });
  await rex.client.join('Passing');
  await sue.client.join('Passing');
  await sue.client.close();
  const [quinRoom, rexRoom] = [await quin.client.room('Passing'), await rex.client.room('Passing')];
  const here = new Oracle();
  here.follow(quinRoom, 'Quin');
  here.follow(rexRoom, 'Rex');
  for (let i = 0; i < 10; i += 1) {
    await here.say(quinRoom, 'Quin');
    await here.say(rexRoom, 'Rex');
  }
  await here.verify();
  const back = await people.resume(sue.storage, urls[1]);
  const room = await back.client.room('Passing');
  expect(await texts(room.follow({ after: 'joined', live: false }))).toEqual([]);
  expect((await rexRoom.history({ after: 0 })).messages).toEqual([]);
});
