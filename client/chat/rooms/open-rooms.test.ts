import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { SdkFixture } from '../../../test/support/sdk/sdk-fixture.ts';
import { ChatMemory } from '../chat-memory.ts';
import { Transfers } from '../files/transfers.ts';
import { Input } from '../input/input.ts';
import { InputHistories } from '../input/input-histories.ts';
import { activeRoom, emptyModel } from '../model/model.ts';
import { Store } from '../store.ts';
import { Alerts } from './alerts.ts';
import { OpenRooms } from './open-rooms.ts';

let fixture: SdkFixture;
beforeAll(async () => {
  fixture = await SdkFixture.start();
});
afterAll(() => fixture[Symbol.asyncDispose]());

test('what is typed is stored while the client runs, and so is that it was sent', async () => {
  const client = await fixture.user('Ada');
  const { id } = await client.create('Lobby');
  const [me, memory] = [await client.me(), new ChatMemory(client.storage.state)];
  const store = new Store({ ...emptyModel(0), me });
  const report = (error: unknown): never => expect.unreachable(String(error));
  const alerts = new Alerts(() => undefined);
  const transfers = new Transfers();
  const rooms = new OpenRooms({ client, user: me.user, store, memory, alerts, transfers, report });
  await rooms.start();
  expect(activeRoom(store.model)?.id).toBe(id);
  const histories = new InputHistories(memory, new Map(), report);
  const input = new Input(store, histories, () => rooms.draftChanged());
  input.change('half a sentence');
  await eventually(async () => expect(await memory.drafts()).toEqual(new Map([[id, 'half a sentence']])));
  input.change('half a ');
  await eventually(async () => expect(await memory.drafts()).toEqual(new Map([[id, 'half a ']])));
  input.take();
  await eventually(async () => expect(await memory.drafts()).toEqual(new Map()));
  await rooms.close();
});
