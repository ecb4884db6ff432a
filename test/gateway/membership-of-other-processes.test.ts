import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  type AccountStorage,
  type ConclaveClient,
  createClient,
  memoryStorage,
  newAccountKeys,
} from '../../client/sdk/index.ts';
import { embeddedGroup } from '../support/epochs/gateway-group.ts';
import { eventually } from '../support/eventually.ts';
import { present } from '../support/protocol/arbitraries.ts';
import { copyOf } from '../support/sdk/copied-storage.ts';

/** Ann has a room that Ben is in, from two devices on two gateways between which every event is lost from then on. */
async function apart() {
  const group = await embeddedGroup(2);
  const clients: ConclaveClient[] = [];
  const start = async (storage: AccountStorage, gateway: number): Promise<ConclaveClient> => {
    const client = await createClient({
      server: present(group.urls[gateway]),
      storage,
      webSocket: WebSocket,
    });
    clients.push(client);
    return client;
  };
  const ann = await start(memoryStorage(await newAccountKeys('Ann')), 0);
  const bens = memoryStorage(await newAccountKeys('Ben'));
  const ben = await start(bens, 0);
  await ann.register();
  await ben.register();
  await ann.create('Lobby');
  await ben.join('Lobby');
  const other = await start(await copyOf(bens, 'other'), 1);
  await other.connect();
  const room = await other.room('Lobby');
  await group.deafen();
  return {
    ...{ anns: await ann.room('Lobby'), ben, other, room },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await client.close();
      await group[Symbol.asyncDispose]();
    },
  };
}

test('a room is entered again when the list of own rooms names a membership that began later than the one it shows', async () => {
  await using scene = await apart();
  const { anns, ben, other, room } = scene;
  await ben.leave('Lobby');
  await anns.send('unseen');
  await ben.join('Lobby');
  await (await ben.room('Lobby')).send('seen');
  const [own] = await other.ownRooms();
  await eventually(() => expect(room.joined).toBe(own?.joined));
  const { messages } = await room.history({ after: room.joined });
  expect(messages.map((message) => message.type === 'message' && message.text)).toEqual(['seen']);
});

test('a room ends when the list of own rooms does not name it any more', async () => {
  await using scene = await apart();
  const { ben, other, room } = scene;
  const changes = room.changes();
  await ben.leave('Lobby');
  expect(await other.ownRooms()).toEqual([]);
  for await (const change of changes) if (change.type === 'room-gone') break;
  await expect(room.send('too late')).rejects.toMatchObject({ code: 'not_a_member' });
});
