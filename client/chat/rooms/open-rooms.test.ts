import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import { ChatMemory } from '../chat-memory.ts';
import { Transfers } from '../files/transfers.ts';
import { Input } from '../input/input.ts';
import { InputHistories } from '../input/input-histories.ts';
import { activeRoom, emptyModel } from '../model/model.ts';
import { isUnread } from '../model/room-model.ts';
import { Store } from '../store.ts';
import { Alerts } from './alerts.ts';
import { OpenRooms } from './open-rooms.ts';

let fixture: LiveFixture;
beforeAll(async () => {
  fixture = await LiveFixture.start();
});
afterAll(() => fixture[Symbol.asyncDispose]());

async function opened(client: Awaited<ReturnType<LiveFixture['user']>>) {
  const [me, memory] = [await client.me(), new ChatMemory(client.storage.state)];
  const store = new Store({ ...emptyModel(0), me });
  const said: string[] = [];
  const report = (error: unknown): void => void said.push(error instanceof Error ? error.message : 'unknown');
  const alerts = new Alerts(() => undefined);
  const rooms = new OpenRooms({
    ...{ client, user: me.user, store, memory, alerts, report },
    transfers: new Transfers(),
  });
  await rooms.start();
  return { rooms, said, memory, store };
}

test('where more rooms cannot be open, the one that is shown takes the place of the one that was shown longest ago', async () => {
  await using own = await LiveFixture.start();
  const [ada, bob] = [await own.user('Ada'), await own.user('Bob')];
  const names = ['Aa1', 'Bb2', 'Cc3', 'Dd4', 'Ee5'];
  for (const name of names) {
    await ada.create(name);
    await bob.join(name);
  }
  const bobs = await bob.room('Bb2');
  own.server.reply('hello', (reply) => ({ ...reply, limits: { ...reply.limits, roomsPerConnection: 3 } }));
  const client = Object.assign(await own.client(ada.storage), { storage: ada.storage });
  await ada.close();
  await client.connect();
  const { rooms, said, store } = await opened(client);
  const open = (): readonly string[] =>
    store.model.rooms.flatMap((room) => (room.open ? [String(room.name)] : []));
  const show = async (name: string): Promise<void> => {
    rooms.show(name);
    await eventually(() => expect(rooms.active?.room.name).toBe(name));
  };
  expect(open()).toEqual(['Aa1', 'Bb2', 'Cc3']);
  expect(said).toEqual([expect.stringContaining('follow 3 rooms at a time')]);
  await show('Dd4');
  expect(open()).toEqual(['Aa1', 'Cc3', 'Dd4']);
  await show('Ee5');
  expect(open()).toEqual(['Aa1', 'Dd4', 'Ee5']);
  await bobs.send('to a room that is not open');
  await rooms.refresh();
  expect(store.model.rooms.filter(isUnread).map(({ name }) => String(name))).toEqual(['Bb2']);
  expect(rooms.nextUnread()).toBe(true);
  await eventually(() =>
    expect(activeRoom(store.model)?.timeline.entries).toContainEqual(
      expect.objectContaining({ text: 'to a room that is not open' }),
    ),
  );
  expect(open()).toEqual(['Bb2', 'Dd4', 'Ee5']);
  expect(said).toHaveLength(1);
  await rooms.close();
});

test('what is typed is stored while the client runs, and so is that it was sent', async () => {
  const client = await fixture.user('Ada');
  const { id } = await client.create('Lobby');
  const { rooms, said, memory, store } = await opened(client);
  expect(activeRoom(store.model)?.id).toBe(id);
  const histories = new InputHistories(memory, new Map(), (error) => expect.unreachable(String(error)));
  const input = new Input(store, histories, () => rooms.draftChanged());
  input.change('half a sentence');
  await eventually(async () => expect(await memory.drafts()).toEqual(new Map([[id, 'half a sentence']])));
  input.change('half a ');
  await eventually(async () => expect(await memory.drafts()).toEqual(new Map([[id, 'half a ']])));
  input.take();
  await eventually(async () => expect(await memory.drafts()).toEqual(new Map()));
  expect(said).toEqual([]);
  await rooms.close();
});
