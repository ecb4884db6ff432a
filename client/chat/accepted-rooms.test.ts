import { expect, test } from 'vitest';
import { adaInLobby } from '../../test/support/chat/headless.ts';
import { eventually } from '../../test/support/eventually.ts';
import { LiveFixture } from '../../test/support/sdk/live-fixture.ts';

test('the chat asks about what the server went back on when the room is joined again, and sends once that is accepted', async () => {
  await using fixture = await LiveFixture.start();
  await (await fixture.user('Bob')).create('Lobby');
  await using ada = await adaInLobby(fixture);
  await ada.line('before');
  await eventually(() => expect(ada.texts).toContain('before'));
  fixture.server.claim((info) => ({ ...info, header: 2 }));
  fixture.server.cut();
  await eventually(() => expect(ada.room.settings).toMatchObject({ header: 2 }));
  await ada.line('refused by the gateway');
  await eventually(() => expect(ada.room.timeline.echoes).toMatchObject([{ state: 'failed' }]));
  fixture.server.honest();
  const joined = ada.line('/join Lobby');
  await ada.asked('confirm', 'Use Lobby as it is now?');
  ada.application.dialogs.agree();
  await joined;
  await eventually(() => expect(ada.room.settings).toMatchObject({ header: 1 }));
  ada.chat.retryFailed();
  await eventually(() => expect(ada.texts).toContain('refused by the gateway'));
});

test('the chat asks so about a direct room, too, by the name of the other one', async () => {
  await using fixture = await LiveFixture.start();
  await (await fixture.user('Bob')).create('Lobby');
  await using ada = await adaInLobby(fixture);
  await ada.line('/msg Bob');
  await eventually(() => expect(ada.room).toMatchObject({ name: '@Bob', settings: { header: 1 } }));
  fixture.server.claim((info) => ({ ...info, header: 2 }));
  fixture.server.cut();
  await eventually(() => expect(ada.room.settings).toMatchObject({ header: 2 }));
  await ada.line('refused by the gateway');
  await eventually(() => expect(ada.room.timeline.echoes).toMatchObject([{ state: 'failed' }]));
  fixture.server.honest();
  const joined = ada.line('/join @bob');
  await ada.asked('confirm', 'Use @Bob as it is now?');
  ada.application.dialogs.agree();
  await joined;
  ada.chat.retryFailed();
  await eventually(() => expect(ada.texts).toContain('refused by the gateway'));
});
