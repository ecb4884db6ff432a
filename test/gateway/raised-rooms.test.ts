import { expect, test } from 'vitest';
import { newPrekeyChain, signPrekeys } from '../../client/crypto/epochs/prekeys.ts';
import type { IdentityKeys } from '../../client/crypto/identity-keys.ts';
import { closeCodes, errorCodes } from '../../src/protocol/codes.ts';
import { parseIdentityDocument } from '../../src/protocol/layouts/identity-document.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { embeddedGroup } from '../support/epochs/gateway-group.ts';
import { newKeys } from '../support/new-keys.ts';
import { present } from '../support/protocol/arbitraries.ts';
import { RawClient, type TestAccount } from '../support/raw-client.ts';

async function loggedIn(url: string, account: TestAccount | { name: string; keys: IdentityKeys }) {
  const client = await RawClient.connect(url);
  await client.hello();
  const known = 'user' in account ? account : await client.register(account.name, account.keys);
  await client.login(known);
  return { client, account: known };
}

/** So that the owner may raise the suite of a room with this member. */
async function publishPrekey(client: RawClient, { user, keys }: TestAccount): Promise<void> {
  const { chain } = await client.ask('identity', { user });
  const parsed = parseIdentityDocument(present(chain.at(-1)).document);
  if (!parsed.ok) expect.unreachable(parsed.reason);
  const { createdAt } = parsed.document;
  await client.ask('prekey', { prekeys: await signPrekeys(newPrekeyChain(), { user, createdAt }, keys, 1) });
}

test('when a room is raised to suite 2, sessions on any node that did not name it are closed and told why, and only those', async () => {
  await using group = await embeddedGroup(2);
  const [near, far] = group.urls;
  const ann = await loggedIn(present(near), { name: 'ann', keys: await newKeys() });
  const bob = await loggedIn(present(far), { name: 'bob', keys: await newKeys() });
  const older = await loggedIn(present(far), bob.account);
  const elsewhere = await loggedIn(present(far), bob.account);
  await using _clients = {
    [Symbol.asyncDispose]: async () => {
      for (const { client } of [ann, bob, older, elsewhere]) await client[Symbol.asyncDispose]();
    },
  };
  const name = present(parseRoomName('Lobby'));
  const { room } = (await ann.client.ask('create', { name, hidden: false, retention: 1 })).info;
  await bob.client.ask('join', { name });
  for (const { client, account } of [ann, bob]) await publishPrekey(client, account);
  for (const { client } of [ann, bob]) await client.ask('enter', { rooms: [room], suite: 2 });
  await older.client.ask('enter', { rooms: [room] });

  await ann.client.ask('update', { room, suite: 2 });

  expect((await older.client.event('room')).suite).toBe(2);
  const { code, name: reason } = { ...closeCodes.unsupported_version, name: 'unsupported_version' };
  expect(await older.client.closed).toEqual({ code, reason });
  for (const { client } of [ann, bob]) expect((await client.event('room')).suite).toBe(2);
  const again = await elsewhere.client.ask('enter', { rooms: [room] });
  expect(again.rooms).toEqual([{ room, error: errorCodes.unsupported_version.code }]);
  for (const { client } of [ann, bob, elsewhere]) {
    await client.ask('ping', {});
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  }
});
