import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { SdkFixture } from '../../../test/support/sdk/sdk-fixture.ts';
import { edit, insertText } from '../editor/edit.ts';
import { activeRoom, emptyModel } from '../model/model.ts';
import { Alerts } from './alerts.ts';
import { ChatMemory } from './chat-memory.ts';
import { Draft } from './draft.ts';
import { InputHistories } from './input-histories.ts';
import { OpenRooms } from './open-rooms.ts';
import { Store } from './store.ts';

let fixture: SdkFixture;
beforeAll(async () => {
  fixture = await SdkFixture.start();
});
afterAll(() => fixture[Symbol.asyncDispose]());

test('what is typed is stored while the client runs, and so is that it was sent', async () => {
  const client = await fixture.user('Ada');
  const { id } = await client.create('Lobby');
  const [me, memory] = [await client.me(), new ChatMemory(client.storage.state)];
  const store = new Store({ ...emptyModel({ columns: 80, rows: 24 }, 0), me }, () => undefined);
  const report = (error: unknown): never => expect.unreachable(String(error));
  const alerts = new Alerts(
    { ring: () => undefined, notify: () => undefined, notifyTitled: () => undefined },
    'none',
  );
  const rooms = new OpenRooms({ client, user: me.user, store, memory, alerts, report });
  await rooms.start();
  expect(activeRoom(store.model)?.id).toBe(id);
  const histories = new InputHistories(memory, new Map(), report);
  const draft = new Draft(store, histories, () => rooms.draftChanged());
  draft.change((editor) => insertText(editor, 'half a sentence'));
  await eventually(async () => expect(await memory.drafts()).toEqual(new Map([[id, 'half a sentence']])));
  draft.change((editor) => edit(editor, 'kill-word-left'));
  await eventually(async () => expect(await memory.drafts()).toEqual(new Map([[id, 'half a ']])));
  draft.take();
  await eventually(async () => expect(await memory.drafts()).toEqual(new Map()));
  await rooms.close();
});
