import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adaInLobby, Headless } from '../../test/support/chat/headless.ts';
import { eventually } from '../../test/support/eventually.ts';
import { newIdentityOf, swapKeys } from '../../test/support/hostile/swap-keys.ts';
import { hidePrekeys } from '../../test/support/sdk/epoch-room.ts';
import { LiveFixture } from '../../test/support/sdk/live-fixture.ts';
import type { ConclaveClient } from '../sdk/api.ts';
import type { Entry } from './model/entry.ts';

let fixture: LiveFixture;
let bob: ConclaveClient;
beforeEach(async () => {
  fixture = await LiveFixture.start();
  bob = await fixture.user('Bob');
  await bob.create('Lobby');
});
afterEach(() => fixture[Symbol.asyncDispose]());

describe('the application without a face', () => {
  test('registers an account by questions, and ends when the person leaves', async () => {
    await using ada = new Headless(fixture, undefined);
    const { dialogs } = ada.application;
    await ada.answer('Which server?');
    await ada.answer('Choose a user name', 'no name');
    expect(await ada.asked('prompt', 'Choose a user name')).toMatchObject({
      text: 'no name',
      remark: 'a user name has 3 to 20 letters (A to Z) and digits',
    });
    await ada.answer('Choose a user name', 'Ada');
    await ada.answer('Choose a passphrase for the keys of Ada');
    await ada.asked('confirm', 'Keep your keys without a passphrase?');
    dialogs.agree();
    await ada.asked('page', 'You are Ada');
    expect(ada.model.start.lines.map(({ label }) => label)).toEqual([
      'Welcome',
      'Server',
      'Name',
      'Registered',
    ]);
    dialogs.accept();
    await eventually(() => expect(ada.chat.rooms.active).toBeUndefined());
    await eventually(() => expect(ada.model).toMatchObject({ me: { user: 'Ada' }, rooms: [] }));
    await ada.line('/quit');
    await ada.ended;
  });

  test('joins a room, sends, receives, and counts what is unread until it was looked at', async () => {
    await using ada = await adaInLobby(fixture);
    const lobby = await bob.room('Lobby');
    await ada.line('hello Bob');
    await eventually(() => expect(ada.texts).toContain('hello Bob'));
    expect(ada.room.timeline.echoes).toEqual([]);
    await lobby.send('hello yourself');
    await eventually(() => expect(ada.texts).toContain('hello yourself'));
    expect(ada.room).toMatchObject({ unread: 1 });
    ada.look();
    expect(ada.room).toMatchObject({ unread: 0 });
    await ada.line('/create Den');
    await eventually(() => expect(ada.room).toMatchObject({ name: 'Den', open: true }));
    await lobby.send('Ada, are you there?');
    await eventually(() =>
      expect(ada.model.rooms.find(({ name }) => name === 'Lobby')).toMatchObject({ unread: 1, mentions: 1 }),
    );
    expect(ada.told).toEqual(['Lobby: Bob mentioned you in Lobby']);
    ada.chat.nextUnread();
    expect(ada.room).toMatchObject({ name: 'Lobby', readLine: { unread: 1 } });
    ada.look();
    expect(ada.room).toMatchObject({ unread: 0, mentions: 0 });
  });

  test('shows and sets when messages of a room disappear, of which the shorter of two lives holds', async () => {
    const cleo = await fixture.user('Cleo');
    await cleo.create('Passing');
    await using ada = await adaInLobby(fixture);
    await ada.line('/join Passing');
    await eventually(() => expect(ada.room).toMatchObject({ name: 'Passing', open: true }));
    const lobby = await cleo.room('Passing');
    const lives = (): readonly unknown[] =>
      ada.room.timeline.entries.flatMap((entry) => (entry.kind === 'message' ? [entry.expires] : []));
    await expect(ada.line('/disappear room 1d')).rejects.toMatchObject({ code: 'forbidden' });
    await lobby.setLife(3_600);
    await eventually(() => expect(ada.room.settings.life).toBe(3_600));
    expect(ada.room.timeline.entries).toContainEqual(
      expect.objectContaining({ kind: 'event', text: expect.stringMatching(/^Cleo set .* to disappear 1h/) }),
    );
    await ada.line('for an hour');
    await ada.line('/disappear 1m');
    await ada.line('for a minute');
    await ada.line('/disappear 1d');
    await ada.line('for an hour, not for a day');
    await ada.line('/disappear off');
    await ada.line('for an hour again');
    await eventually(() => expect(lives()).toEqual([3_600, 60, 3_600, 3_600]));
    await ada.line('/create Den');
    await eventually(() => expect(ada.room).toMatchObject({ name: 'Den', open: true }));
    await ada.line('/disappear room 1d');
    expect(ada.room.settings.life).toBe(86_400);
    await ada.line('/disappear room off');
    expect(ada.room.settings.life).toBe(0);
  });

  test('marks a room of suite 2 from the moment on when an epoch has no forward secrecy, until one has', async () => {
    await using ada = await adaInLobby(fixture);
    await bob.create('Vault', { suite: 2 });
    await ada.line('/join Vault');
    await eventually(() => expect(ada.room).toMatchObject({ name: 'Vault', open: true }));
    hidePrekeys(fixture, (await bob.me()).id);
    await ada.line('Bob has no prekey');
    await eventually(() => expect(ada.room.settings).toMatchObject({ suite: 2, exposedBy: ['Bob'] }));
    fixture.server.reply('prekeys', (honest) => honest);
    await (await fixture.user('Cleo')).join('Vault');
    await eventually(() => expect(ada.room.members).toHaveLength(3));
    await ada.line('everybody has one');
    await eventually(() => expect(ada.texts).toContain('everybody has one'));
    await eventually(() => expect(ada.room.settings.exposedBy).toEqual([]));
  });

  test('answers, edits, reacts to and takes back the last messages', async () => {
    await using ada = await adaInLobby(fixture);
    const last = (): Entry | undefined => ada.room.timeline.entries.at(-1);
    const first = (): Entry | undefined => ada.room.timeline.entries.find(({ kind }) => kind === 'message');
    for (const line of ['/reply hm', '/earlier'])
      await expect(ada.line(line)).rejects.toMatchObject({ code: 'usage' });
    const lobby = await bob.room('Lobby');
    const { id } = await lobby.send('lunch?');
    await eventually(() => expect(ada.texts).toContain('lunch?'));
    await ada.line('/reply at on');
    const answers = { id, from: 'Bob', text: 'lunch?' };
    await eventually(() => expect(last()).toMatchObject({ text: 'at on', answers, edited: false }));
    await eventually(() => expect(ada.room.timeline.echoes).toEqual([]));
    await ada.line('/edit');
    expect(ada.chat.input.text).toBe('at on');
    expect(ada.room.intent).toMatchObject({ kind: 'edit' });
    await ada.line('at one');
    expect([ada.chat.input.text, ada.room.intent]).toEqual(['', undefined]);
    await eventually(() => expect(last()).toMatchObject({ text: 'at one', answers, edited: true }));
    const earlier = ada.line('/earlier');
    const title = 'Earlier versions of a message by Ada';
    expect(await ada.asked('page', title)).toMatchObject({ lines: ['at on'] });
    ada.application.dialogs.accept();
    await earlier;
    await expect(ada.line('/react :nothing_like_it:')).rejects.toMatchObject({ code: 'usage' });
    await ada.line('/react :tada:');
    const reactions = [{ emoji: '🎉', count: 1, own: true }];
    await eventually(() => expect(first()).toMatchObject({ text: 'lunch?', reactions }));
    await ada.line('/react 🎉');
    await eventually(() => expect(first()).toMatchObject({ reactions: [] }));
    const taken = ada.line('/retract');
    expect(await ada.asked('confirm', 'Take this message back?')).toMatchObject({
      about: ['“at one”', expect.any(String)],
    });
    ada.application.dialogs.agree();
    await taken;
    await eventually(() => expect(last()).toMatchObject({ text: '', retracted: true }));
    await expect(ada.line('/edit too late')).rejects.toMatchObject({ code: 'usage' });
  });

  test('folds up what the owner removed, says by whom and why, and shows it to whoever asks', async () => {
    await using ada = await adaInLobby(fixture);
    const lobby = await bob.room('Lobby');
    await ada.line('buy now');
    await eventually(() => expect(ada.room.timeline.echoes).toEqual([]));
    const last = (): Entry | undefined =>
      ada.room.timeline.entries.findLast(({ kind }) => kind === 'message');
    const entry = last();
    const id = entry?.kind === 'message' ? entry.id : expect.unreachable();
    await expect(ada.line('/remove mine')).rejects.toMatchObject({ code: 'forbidden' });
    await lobby.remove(id, 'no trade');
    const removed = { by: 'Bob', role: 'owner', why: 'no trade' };
    await eventually(() => expect(last()).toMatchObject({ text: 'buy now', removed }));
    const page = ada.line('/removed');
    const { lines } = (await ada.asked('page', 'Removed in Lobby')) as { readonly lines: readonly string[] };
    expect(lines.join(' ')).toMatch(
      /Ada \(removed by Bob, owner here according to the server: “no trade”\) +buy now/,
    );
    ada.application.dialogs.accept();
    await page;
  });

  test('keeps the entry in its place that a face holds, and finds what somebody jumps to', async () => {
    await using ada = await adaInLobby(fixture);
    const lobby = await bob.room('Lobby');
    for (const text of ['first', 'for Ada', 'third', 'last']) await lobby.send(text);
    await eventually(() => expect(ada.texts).toContain('last'));
    const { reader } = ada.chat;
    reader.toMention(-1, undefined);
    expect(ada.room.anchor).toMatchObject({ item: { text: 'for Ada' }, block: 'center' });
    await lobby.send('below');
    await eventually(() => expect(ada.room).toMatchObject({ below: 1 }));
    expect(ada.room.anchor).toMatchObject({ item: { text: 'for Ada' } });
    await reader.toStart();
    expect(ada.room.anchor).toEqual({ item: ada.room.timeline.entries[0], block: 'start', offset: 0 });
    await reader.toUnread();
    expect(ada.room.anchor).toMatchObject({ item: { text: 'first' }, block: 'start' });
    reader.toEnd();
    expect(ada.room).toMatchObject({ anchor: undefined, below: 0 });
  });

  test('shows who is typing until their message comes, and tells others by messages alone', async () => {
    const { server } = fixture;
    await using ada = await adaInLobby(fixture);
    const { id: room } = ada.room;
    const { id: user } = await bob.me();
    await eventually(() => expect(ada.room.members).toHaveLength(2));
    for (const typing of [ada.model.me?.id ?? expect.unreachable(), user])
      server.tell({ name: 'typing', body: { room, user: typing } });
    await eventually(() => expect([...ada.room.typing]).toEqual([[user, 'Bob']]));
    await (await bob.room('Lobby')).send('hello');
    await eventually(() => expect(ada.texts).toContain('hello'));
    expect([...ada.room.typing]).toEqual([]);

    const told = () => server.bodies('typing');
    ada.chat.input.change('/me');
    expect(told()).toEqual([]);
    for (const text of ['h', 'he', 'hey']) ada.chat.input.change(text);
    await eventually(() => expect(told()).toEqual([{ room }]));
  });

  test('stops sending to a changed key until the question about it is answered with yes', async () => {
    await using ada = await adaInLobby(fixture);
    await ada.line('to the right one');
    await eventually(() => expect(ada.texts).toContain('to the right one'));
    swapKeys(fixture.server, (await bob.me()).id, await newIdentityOf('Bob'));
    await (await bob.room('Lobby')).handOver('Ada');
    // Until her client has learned of the new key, it seals to the old one.
    await bob.leave('Lobby');
    await eventually(() => expect(ada.room.members).toHaveLength(1));
    await bob.join('Lobby');
    await eventually(() => expect(ada.room.members).toHaveLength(2));
    await ada.line('to whom?');
    await eventually(() => expect(ada.room.timeline.echoes).toMatchObject([{ state: 'failed' }]));
    expect(ada.model.notices.map(({ text }) => text).join()).toContain('The key of Bob changed');
    const title = 'Accept the new key of Bob without comparing?';
    const refused = ada.line('/trust Bob');
    await ada.asked('confirm', title);
    ada.application.dialogs.dismiss();
    await refused;
    ada.chat.retryFailed();
    await eventually(() => expect(ada.room.timeline.echoes).toMatchObject([{ state: 'failed' }]));
    const accepted = ada.line('/trust Bob');
    await ada.asked('confirm', title);
    ada.application.dialogs.agree();
    await accepted;
    ada.chat.retryFailed();
    await eventually(() => expect(ada.texts).toContain('to whom?'));
    expect(ada.room.timeline.echoes).toEqual([]);
  });

  test('refuses what cannot be done, and loses nothing of what was written', async () => {
    await using ada = await adaInLobby(fixture);
    await expect(ada.line('/kik Bob')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('Did you mean /kick?'),
    });
    expect(ada.chat.input.text).toBe('/kik Bob');
    await expect(ada.line('/kick Bob')).rejects.toMatchObject({ code: 'forbidden' });
    expect(ada.chat.input.text).toBe('/kick Bob');
    await expect(ada.line('/join Lobby hunter2x')).rejects.toMatchObject({ code: 'usage' });
    expect(ada.chat.input.text).toBe('');
  });

  test('puts a command that is chosen in the help into the input, but never over what is typed', async () => {
    await using ada = await adaInLobby(fixture);
    const chooseRename = async (): Promise<void> => {
      const help = ada.chat.showHelp();
      await ada.asked('picker', 'Help: type to search');
      ada.application.dialogs.type('rename');
      ada.application.dialogs.accept();
      await help;
    };
    await chooseRename();
    expect(ada.chat.input.text).toBe('/rename ');
    ada.chat.input.change('half a sentence');
    await chooseRename();
    expect(ada.chat.input.text).toBe('half a sentence');
  });

  test('lists what the face can do in the help, and leaves a chosen link to it', async () => {
    await using ada = await adaInLobby(fixture);
    const help = ada.line('/help both hands');
    expect(await ada.asked('picker', 'Help: type to search')).toMatchObject({ query: 'both hands' });
    ada.application.dialogs.choose('wave');
    await help;
    expect(ada.chat.input.text).toBe('');
    await ada.line('look at https://example.org/a.');
    await eventually(() => expect(ada.texts).toContain('look at https://example.org/a.'));
    const links = ada.line('/links');
    await ada.asked('picker', 'Links in this room');
    ada.application.dialogs.accept();
    await links;
    expect(ada.told).toEqual(['https://example.org/a']);
  });
});
