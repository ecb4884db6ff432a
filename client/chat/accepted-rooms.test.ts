import { expect, test } from 'vitest';
import { adaInLobby, type Headless } from '../../test/support/chat/headless.ts';
import { eventually } from '../../test/support/eventually.ts';
import { LiveFixture } from '../../test/support/sdk/live-fixture.ts';

/** The server says that the room's messages have another form, and goes back on it; what was written meanwhile was refused. */
async function raisedForAWhile({ server }: LiveFixture, ada: Headless): Promise<void> {
  server.claim((info) => ({ ...info, header: 2 }));
  server.cut();
  await eventually(() => expect(ada.room.settings).toMatchObject({ header: 2 }));
  await ada.line('refused by the gateway');
  await eventually(() => expect(ada.room.timeline.echoes).toMatchObject([{ state: 'failed' }]));
  server.honest();
}

test('the chat asks about what the server went back on when the room is joined again, and sends once that is accepted', async () => {
  await using fixture = await LiveFixture.start();
  await (await fixture.user('Bob')).create('Lobby');
  await using ada = await adaInLobby(fixture);
  await ada.line('before');
  await eventually(() => expect(ada.texts).toContain('before'));
  await raisedForAWhile(fixture, ada);
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
  await raisedForAWhile(fixture, ada);
  const joined = ada.line('/join @bob');
  await ada.asked('confirm', 'Use @Bob as it is now?');
  ada.application.dialogs.agree();
  await joined;
  ada.chat.retryFailed();
  await eventually(() => expect(ada.texts).toContain('refused by the gateway'));
});
