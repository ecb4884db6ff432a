import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConclaveClient } from '../../client/sdk/index.ts';
import { faceOf, type Headless } from '../support/chat/headless.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';

let cluster: TestCluster;
let people: People;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2 });
  people = new People();
});
afterAll(async () => {
  await people[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const patience = { deadlineMs: 20_000 };

/** Somebody in the chat on the first gateway, and somebody else on the second. */
async function chatting(
  name: string,
  other: string,
): Promise<{ chat: Headless; mine: ConclaveClient; theirs: ConclaveClient }> {
  const [one, two] = cluster.gateways.map((gateway) => gateway.url);
  if (one === undefined || two === undefined) expect.unreachable();
  const device = await people.register(name, one);
  const { client: theirs } = await people.register(other, two);
  return { chat: await faceOf(device, one), mine: device.client, theirs };
}

test('somebody who writes for the first time makes no noise until accepted, and is told of at once', async () => {
  const { chat, theirs } = await chatting('Ada', 'Bob');
  await using _chat = chat;
  await theirs.contacts.direct('Ada');
  const room = await theirs.room('@Ada');
  const said = (): string => chat.model.notices.map(({ text }) => text).join('\n');
  await eventually(() => expect(said()).toContain('Bob wants to write to you directly'), patience);
  const { fingerprint } = await theirs.me();
  expect(said()).toContain(fingerprint.slice(0, 16));
  await eventually(() => expect(chat.room).toMatchObject({ name: '@Bob', open: true }), patience);
  await chat.line('/create Den');
  await eventually(() => expect(chat.room).toMatchObject({ name: 'Den', open: true }), patience);
  await room.send('Ada, please');
  const direct = () => chat.model.rooms.find(({ name }) => name === '@Bob');
  await eventually(() => expect(direct()).toMatchObject({ unread: 1, mentions: 1 }), patience);
  expect(chat.told).toEqual([]);
  await chat.line('/join @bob');
  await eventually(() => expect(chat.model.invitations).toEqual([]), patience);
  await chat.line('hello Bob');
  await eventually(() => expect(chat.texts).toEqual(['Ada, please', 'hello Bob']), patience);
  await chat.line('/join Den');
  await room.send('Ada, thanks');
  await eventually(() => expect(chat.told).toEqual(['@Bob: Bob mentioned you in @Bob']), patience);
  expect((await theirs.ownRooms())[0]).toMatchObject({ room: '@Ada' });
}, 120_000);

test('the chat opens, declines and blocks direct messages, and the other one is not told why', async () => {
  const { chat, mine, theirs } = await chatting('Eve', 'Dan');
  await using _chat = chat;
  await chat.line('/msg dan are you there?');
  await eventually(() => expect(chat.texts).toEqual(['are you there?']), patience);
  expect(chat.room.name).toBe('@Dan');
  const [invitation] = await theirs.contacts.waiting();
  if (invitation === undefined) expect.unreachable();
  await theirs.contacts.decline(invitation);
  const leaving = chat.line('/leave @dan');
  await chat.asked('confirm', 'Leave @Dan?');
  chat.application.dialogs.agree();
  await leaving;
  expect(await mine.ownRooms()).toEqual([]);
  await theirs.contacts.direct('Eve');
  await eventually(() => expect(chat.model.invitations).toHaveLength(1), patience);
  await chat.line('/decline @Dan');
  await eventually(() => expect(chat.model.rooms).toEqual([]), patience);
  const blocking = chat.line('/block dan');
  await chat.asked('confirm', 'Block dan?');
  chat.application.dialogs.agree();
  await blocking;
  await expect(theirs.contacts.direct('Eve')).rejects.toMatchObject({ code: 'unreachable' });
  await expect(chat.line('/msg dan hello')).rejects.toMatchObject({ code: 'forbidden' });
  await chat.line('/blocked');
  expect(chat.model.notices.at(-1)?.text).toContain('Dan');
  await chat.line('/unblock dan');
  await chat.line('/msg dan hello');
  await eventually(() => expect(chat.texts).toEqual(['hello']), patience);
}, 120_000);

test('an invitation to a hidden room with a password is answered from the list of those that wait', async () => {
  const { chat, theirs } = await chatting('Liz', 'Rob');
  await using _chat = chat;
  await theirs.create('Vault', { hidden: true, password: 'secret words' });
  await theirs.contacts.invite('Vault', 'Liz');
  await eventually(() => expect(chat.model.invitations).toMatchObject([{ room: 'Vault' }]), patience);
  const { fingerprint } = await theirs.me();
  const answering = chat.line('/invitations');
  await chat.asked('picker', 'Invitations');
  chat.application.dialogs.accept();
  const page = await chat.asked('page', 'Rob invites you to Vault');
  const lines = page?.kind === 'page' ? page.lines.join('').replaceAll(' ', '') : '';
  expect(lines).toContain(fingerprint);
  chat.application.dialogs.choose('accept');
  await chat.answer("Vault is locked, or doesn't exist. Password:", 'secret words');
  await answering;
  await eventually(() => expect(chat.room).toMatchObject({ name: 'Vault', open: true }), patience);
  expect(chat.model.invitations).toEqual([]);
  await chat.line('/invite Dan');
  expect(chat.model.notices.at(-1)?.text).toBe('invited Dan to Vault');
  await expect(chat.line('/decline Vault')).rejects.toMatchObject({ code: 'usage' });
}, 120_000);
