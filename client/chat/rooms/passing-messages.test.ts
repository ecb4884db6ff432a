import { expect, test, vi } from 'vitest';
import { adaInLobby } from '../../../test/support/chat/headless.ts';
import { messageOf, roomIdOf, sampleModel } from '../../../test/support/chat/sample-model.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import { received } from '../model/room-changes.ts';
import { Store } from '../store.ts';
import { PassingMessages } from './passing-messages.ts';

test('what is written while /disappear is on asks to be forgotten, is not remembered in the input, and goes once others may have seen it', async () => {
  await using fixture = await LiveFixture.start();
  const bob = await fixture.user('Bob');
  await bob.create('Lobby');
  const lobby = await bob.room('Lobby');
  await using ada = await adaInLobby(fixture);
  await expect(ada.line('/disappear 4s')).rejects.toMatchObject({ code: 'usage' });
  await ada.line('/disappear 5s');
  expect(ada.room).toMatchObject({ disappear: 5 });
  expect(ada.model.notices.at(-1)?.text).toContain('disappears 5s after');
  const messages = lobby.follow({ after: 'now' });
  await ada.line('the code is 4711');
  expect((await messages.next()).value).toMatchObject({ text: 'the code is 4711', expires: 5 });
  ada.chat.input.recall('older', 'here');
  expect(ada.chat.input.text).not.toContain('4711');
  await ada.line('/disappear off');
  await ada.line('hello');
  await eventually(() => expect(ada.texts).toEqual(['', 'hello']));
  expect(ada.room.timeline.entries[0]).toMatchObject({ disappeared: true });
  const [over] = ada.room.timeline.entries;
  ada.chat.selection.choose(over?.kind === 'message' ? over.seq : expect.unreachable());
  const taking = ada.line('/retract');
  expect(await ada.asked('confirm', 'Take this message back?')).toMatchObject({
    about: [expect.any(String)],
  });
  ada.application.dialogs.agree();
  await taking;
  await eventually(() => expect(ada.room.timeline.entries[0]).toMatchObject({ retracted: true, text: '' }));
  const { value: hello } = await messages.next();
  expect(hello).toMatchObject({ text: 'hello' });
  expect(hello).not.toHaveProperty('expires');
});

test('an edit of a message that disappears is not remembered in the input either', async () => {
  await using fixture = await LiveFixture.start();
  await (await fixture.user('Bob')).create('Lobby');
  await using ada = await adaInLobby(fixture);
  await ada.line('/disappear 1h');
  await ada.line('the code is 4711');
  await eventually(() => expect(ada.texts).toEqual(['the code is 4711']));
  await ada.line('/disappear off');
  await ada.line('/edit the code is 4712');
  await ada.line('/edit');
  await ada.line('the code is 4713');
  await eventually(() => expect(ada.texts).toEqual(['the code is 4713']));
  await ada.line('hello');
  for (const written of ['hello', '/edit', '/disappear 1h']) {
    ada.chat.input.recall('older', 'here');
    expect(ada.chat.input.text.trim()).toBe(written);
  }
});

test('that somebody looked at a message is told once, and again where the profile could not be written', async () => {
  const passing = messageOf(1, 'the code is 4711', { expires: 60 });
  const store = new Store(received(sampleModel(), roomIdOf(0), [passing, messageOf(2, 'hello')]));
  const shown = vi.fn<Room['shown']>().mockRejectedValueOnce(new ConclaveError('profile_unwritable', 'full'));
  const messages = new PassingMessages({ id: roomIdOf(0), shown }, store);
  await expect(messages.looked({ from: 1, to: 2 })).rejects.toMatchObject({ code: 'profile_unwritable' });
  await messages.looked({ from: 1, to: 2 });
  expect(shown).toHaveBeenCalledTimes(1);
  for (const at of [2, 1, 2, 1]) await messages.looked({ from: at, to: 2 });
  expect(shown.mock.calls).toEqual([[[passing]], [[passing]]]);
});

test('a message of somebody else goes once somebody looked at it, not before', async () => {
  await using fixture = await LiveFixture.start();
  const bob = await fixture.user('Bob');
  await bob.create('Lobby');
  const lobby = await bob.room('Lobby');
  const carol = await fixture.user('Carol');
  await carol.join('Lobby');
  await using ada = await adaInLobby(fixture);
  await lobby.send('the code is 4711', { expires: 5 });
  await lobby.send('unseen', { expires: 5 });
  await eventually(() => expect(ada.texts).toEqual(['the code is 4711', 'unseen']));
  ada.chat.reader.looked({ from: 1, to: 1 });
  await eventually(() => expect(ada.texts).toEqual(['', 'unseen']));
  expect((await (await carol.room('Lobby')).history({ after: 0 })).messages[0]).toMatchObject({
    text: 'the code is 4711',
  });
});
