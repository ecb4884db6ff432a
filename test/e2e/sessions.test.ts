import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccountStorage, memoryStorage } from '../../client/sdk/index.ts';
import { closeCodes } from '../../src/protocol/codes.ts';
import type { GatewayProcess } from '../support/cluster/gateway-process.ts';
import { Oracle } from '../support/cluster/oracle.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { RawClient } from '../support/raw-client.ts';

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

/** Another start of the same client that knows the same token, and forgets it alone. */
async function withSameToken({ account, state }: AccountStorage): Promise<AccountStorage> {
  const copy = memoryStorage(account);
  const token = (await state.get('session', 'token')) ?? expect.unreachable();
  await copy.state.update('session', 'token', () => ({ value: token, result: undefined }));
  return copy;
}

test('two sessions of one user on two nodes read what either says, and hear of rooms that the other joins', async () => {
  await using people = new People();
  const host = await people.register('Host', urls[2]);
  await host.client.create('Twofold');
  const first = await people.register('Una', urls[0]);
  const second = await people.login(first.storage.account, urls[1]);
  const notices = second.client.notices();
  const { id } = await first.client.join('Twofold');
  expect((await notices.next()).value).toEqual({ type: 'own-room', room: 'Twofold', id, kind: 'joined' });

  const oracle = new Oracle();
  const firstRoom = await first.client.room('Twofold');
  const secondRoom = await second.client.room('Twofold');
  const hostRoom = await host.client.room('Twofold');
  oracle.follow(firstRoom, 'Una');
  oracle.follow(secondRoom, 'Una again');
  oracle.follow(hostRoom, 'Host');
  for (let i = 0; i < 5; i += 1) {
    await oracle.say(firstRoom, 'Una');
    await oracle.say(secondRoom, 'UnaAgain');
  }
  await oracle.verify();
  expect(hostRoom.online).toBe(2);

  await first.client.leave('Twofold');
  expect((await notices.next()).value).toEqual({ type: 'own-room', room: 'Twofold', id, kind: 'left' });
  await expect(secondRoom.send('still here?')).rejects.toBeDefined();
});

test('a session is resumed on every other node without a login', async () => {
  await using people = new People();
  const { storage, client } = await people.register('Resumer', urls[0]);
  await client.close();
  for (const url of urls) {
    await using session = await RawSession.open({ url, ...storage });
    expect(session.openedBy).toBe('resume');
  }
});

test('a token that was logged out is refused by every node, and a later one is not', async () => {
  await using people = new People();
  const { storage, client } = await people.register('Leaver', urls[0]);
  const old = await Promise.all(urls.map(() => withSameToken(storage)));
  await client.logout();
  for (const [i, url] of urls.entries()) {
    await using session = await RawSession.open({ url, ...(old[i] ?? expect.unreachable()) });
    expect(session.openedBy).toBe('login');
  }
  const fresh = memoryStorage(storage.account);
  await using first = await RawSession.open({ url: urls[1], ...fresh });
  expect(first.openedBy).toBe('login');
  await using second = await RawSession.open({ url: urls[2], ...fresh });
  expect(second.openedBy).toBe('resume');
});

test('a user who is closed for abuse on one node may not log in to another', async () => {
  const strict = { RATE_REQUESTS_SESSION: '1/s:5' };
  const [first, second] = await Promise.all([cluster.add(strict), cluster.add(strict)]);
  const greeted = async ({ url }: GatewayProcess): Promise<RawClient> => {
    const client = await RawClient.connect(url);
    await client.hello();
    return client;
  };
  const account = await (await greeted(first)).register('Flooder', await newKeys());
  const flood = async (): Promise<void> => {
    await using hostile = await greeted(first);
    if ((await hostile.login(account))?.ok === undefined) return;
    // What a slow gateway reads over a longer time, it takes for less.
    while (hostile.socket.readyState === hostile.socket.OPEN)
      await Promise.all(Array.from({ length: 1_100 }, () => hostile.request('ping', {})));
    expect((await hostile.closed).code).toBe(closeCodes.abuse.code);
  };
  // A ban may be over before a slow machine has asked the other node; each one lasts twice as long.
  await eventually(
    async () => {
      await flood();
      await using elsewhere = await greeted(second);
      expect((await elsewhere.login(account))?.error).toBe('rate_limited');
    },
    { deadlineMs: PATIENCE_MS },
  );
  await using other = await greeted(second);
  expect((await other.login(await other.register('Bystander', await newKeys())))?.ok).toBeDefined();
});

test('logging out everywhere ends the sessions of all nodes', async () => {
  await using people = new People();
  const { storage } = await people.register('Everywhere', urls[0]);
  const sessions = await Promise.all(urls.map((url) => RawSession.open({ url, account: storage.account })));
  const old = await withSameToken(storage);
  await sessions[1]?.logout(true);
  await eventually(
    () => expect(sessions.map(({ closeCode }) => closeCode)).toEqual(urls.map(() => closeCodes.revoked.code)),
    { deadlineMs: PATIENCE_MS },
  );
  await using again = await RawSession.open({ url: urls[2], ...old });
  expect(again.openedBy).toBe('login');
});
