import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adaInLobby } from '../../../test/support/chat/headless.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import type { ConclaveClient } from '../../sdk/api.ts';
import { type Entry, type MessageEntry, shownReactions } from '../model/entry.ts';

let fixture: LiveFixture;
let bob: ConclaveClient;
beforeEach(async () => {
  fixture = await LiveFixture.start();
  bob = await fixture.user('Bob');
  await bob.create('Lobby');
});
afterEach(() => fixture[Symbol.asyncDispose]());

describe('somebody who acts on messages', () => {
  test('acts on the message that is selected, and on no other', async () => {
    await using ada = await adaInLobby(fixture);
    const lobby = await bob.room('Lobby');
    for (const text of ['one', 'two https://two.example/ and https://2.example/', 'three'])
      await lobby.send(text);
    await eventually(() => expect(ada.texts).toContain('three'));
    await ada.line('mine');
    await eventually(() => expect(ada.texts).toContain('mine'));
    const { chat } = ada;
    const { selection } = chat;
    const select = async (text: string): Promise<void> => {
      selection.clear();
      for (let steps = 0; steps < 10 && selection.message?.text !== text; steps += 1) await selection.older();
      expect(selection.message?.text).toBe(text);
    };
    await select('one');
    await chat.copy();
    expect(ada.told).toEqual(['copied: one']);
    await select('one');
    await expect(chat.edit()).rejects.toMatchObject({ code: 'usage' });
    await expect(chat.retract()).rejects.toMatchObject({ code: 'usage' });
    ada.chat.input.change('half a draft');
    chat.reply();
    expect([chat.input.text, selection.message]).toEqual(['half a draft', undefined]);
    await ada.line('to one');
    const find = (text: string): Entry | undefined =>
      ada.room.timeline.entries.find((entry) => entry.kind === 'message' && entry.text === text);
    await eventually(() => expect(find('to one')).toMatchObject({ answers: { from: 'Bob', text: 'one' } }));
    expect(ada.room.intent).toBeUndefined();
    await select('to one');
    await selection.toAnswered();
    expect(selection.message?.text).toBe('one');
    await expect(selection.toAnswered()).rejects.toMatchObject({ code: 'usage' });
    await ada.line('/react 🎉');
    await eventually(() => expect(find('one')).toMatchObject({ reactions: [{ emoji: '🎉', own: true }] }));
    await select('three');
    const reacting = chat.react();
    await ada.asked('picker', 'React with');
    ada.application.dialogs.type('tada');
    ada.application.dialogs.accept();
    await reacting;
    await eventually(() => expect(find('three')).toMatchObject({ reactions: [{ emoji: '🎉', own: true }] }));
    await select('two https://two.example/ and https://2.example/');
    const opening = chat.listLinks();
    expect(await ada.asked('picker', 'Links in this room')).toMatchObject({ items: [{}, {}] });
    ada.application.dialogs.choose('https://2.example/');
    await opening;
    expect(ada.told.at(-1)).toBe('https://2.example/');
    selection.clear();
    await ada.line('/select');
    expect(selection.message?.text).toBe('to one');
    await ada.line('/select newer');
    expect(selection.message).toBeUndefined();
  });

  test('gives back what was typed before an edit, whether it is sent or cancelled', async () => {
    await using ada = await adaInLobby(fixture);
    await ada.line('/me waves');
    await eventually(() => expect(ada.texts).toContain('/me waves'));
    await eventually(() => expect(ada.room.timeline.echoes).toEqual([]));
    const { chat } = ada;
    chat.input.change('half a draft');
    await chat.selection.older();
    await chat.edit();
    expect(chat.input.text).toBe('/me waves');
    chat.cancel();
    expect([chat.input.text, ada.room.intent]).toEqual(['half a draft', undefined]);
    await chat.selection.older();
    await chat.edit();
    await ada.line('/me waves to Bob');
    await eventually(() => expect(ada.texts).toContain('/me waves to Bob'));
    expect(ada.texts).not.toContain('/me waves');
    expect([chat.input.text, ada.room.intent]).toEqual(['half a draft', undefined]);
    const { messages } = await (await bob.room('Lobby')).history({ after: 0, limit: 10 });
    expect(messages.at(-1)).toMatchObject({ type: 'edit', mentions: [(await bob.me()).id] });
  });

  test('sends what is typed while an edit is on its way as a message of its own', async () => {
    await using ada = await adaInLobby(fixture);
    await ada.line('first');
    await eventually(() => expect(ada.room.timeline.echoes).toEqual([]));
    const { chat } = ada;
    await chat.selection.older();
    await chat.edit();
    const edited = ada.line('first, edited');
    expect([chat.input.text, ada.room.intent]).toEqual(['', undefined]);
    await Promise.all([edited, ada.line('second')]);
    await eventually(() => expect(ada.texts).toEqual(['first, edited', 'second']));
  });

  test('has the text of an edit back that is refused, to send it once more', async () => {
    await using ada = await adaInLobby(fixture);
    await ada.line('first');
    await eventually(() => expect(ada.room.timeline.echoes).toEqual([]));
    const { chat } = ada;
    chat.input.change('half a draft');
    await chat.selection.older();
    await chat.edit();
    await (await bob.room('Lobby')).setPassword('a new password');
    await eventually(() => expect(ada.room.settings).toMatchObject({ locked: true, unlocked: false }));
    await expect(ada.line('first, edited')).rejects.toMatchObject({ code: 'needs_password' });
    expect([chat.input.text, ada.room.intent?.kind]).toEqual(['first, edited', 'edit']);
    chat.cancel();
    expect([chat.input.text, ada.room.intent]).toEqual(['half a draft', undefined]);
  });

  test('counts no reaction of somebody whose messages are hidden', async () => {
    await using ada = await adaInLobby(fixture);
    await ada.line('what do you think?');
    await eventually(() => expect(ada.room.timeline.echoes).toEqual([]));
    const lobby = await bob.room('Lobby');
    const entry = (): MessageEntry => {
      const found = ada.room.timeline.entries.find((each) => each.kind === 'message');
      return found?.kind === 'message' ? found : expect.fail('there is no message');
    };
    await lobby.react(entry().id, '👍', { add: true });
    await eventually(() => expect(entry().reactions).toMatchObject([{ emoji: '👍', count: 1 }]));
    expect(shownReactions(entry().reactions, ada.model.ignored)).toHaveLength(1);
    await ada.line('/ignore Bob');
    expect(shownReactions(entry().reactions, ada.model.ignored)).toEqual([]);
    await ada.chat.selection.older();
    await ada.line('/react 👍');
    await eventually(() => expect(entry().reactions).toMatchObject([{ count: 2 }]));
    expect(shownReactions(entry().reactions, ada.model.ignored)).toMatchObject([{ count: 1, own: true }]);
    await ada.line('/ignore Bob');
    expect(shownReactions(entry().reactions, ada.model.ignored)).toMatchObject([{ count: 2 }]);
  });
});
