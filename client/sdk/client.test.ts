import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { FakeServer } from '../../test/support/sdk/fake-server.ts';
import {
  type AccountStorage,
  type ConclaveClient,
  createClient,
  memoryStorage,
  newAccountKeys,
  type RoomMessage,
} from './index.ts';

async function clientOf(
  server: FakeServer,
  storage: AccountStorage,
): Promise<ConclaveClient & AsyncDisposable> {
  const client = await createClient({ server: server.url, storage, webSocket: WebSocket, timeoutMs: 5_000 });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

async function registered(
  server: FakeServer,
  name: string,
): Promise<{ client: ConclaveClient & AsyncDisposable; storage: AccountStorage }> {
  const storage = memoryStorage(await newAccountKeys(name));
  const client = await clientOf(server, storage);
  await client.register();
  return { client, storage };
}

async function take(messages: AsyncIterableIterator<RoomMessage>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const { value, done } = await messages.next();
    if (done === true) break;
    taken.push(
      value.type === 'gap' ? `gap ${value.missing}` : (value.text ?? `${value.status}: ${value.reason}`),
    );
  }
  return taken;
}

describe('a client', () => {
  test('registers, makes a room, and another one joins and reads what it sends', async () => {
    await using server = await FakeServer.start();
    const { client: ada } = await registered(server, 'Ada');
    const { client: bob } = await registered(server, 'Bob');
    await using _ = {
      [Symbol.asyncDispose]: async () => void (await Promise.all([ada.close(), bob.close()])),
    };

    expect(await ada.create('Lobby')).toMatchObject({ room: 'Lobby', role: 'owner' });
    expect(await bob.join('lobby')).toMatchObject({ room: 'Lobby', role: 'member' });
    const here = await bob.room('Lobby');
    const messages = here.follow({ after: 'now' });
    const room = await ada.room('Lobby');
    for (const text of ['one', 'two', 'three']) await room.send(text);
    expect(await take(messages, 3)).toEqual(['one', 'two', 'three']);
    expect((await here.members()).map(({ user, role, trust }) => [user, role, trust])).toEqual([
      ['Ada', 'owner', 'pinned'],
      ['Bob', 'member', 'verified'],
    ]);
  });
});
