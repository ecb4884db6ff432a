import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Room } from '../../client/sdk/rooms/room.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import type { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

/** A user who was in a room, read all of it, and left before `count` messages came. */
async function absent(user: string, name: string, count: number): Promise<Room> {
  const bob = await chats.person(`of${user}`);
  await bob.client.create(name);
  const room = await bob.client.room(name);
  await using terminal = await chats.startNew(user, { room: name });
  await terminal.shows(new RegExp(`^ ${name} {2}open room`));
  await room.send('read before');
  await terminal.shows('read before');
  await terminal.line(`/create Zoo${user}`);
  await terminal.shows(new RegExp(`^ Zoo${user} {2}open room`));
  await terminal.line('/quit');
  expect(await terminal.ended()).toBe(0);
  await Promise.all(Array.from({ length: count }, (_, at) => room.send(`unread ${at + 1}.`)));
  return room;
}

async function quit(terminal: TmuxTerminal): Promise<void> {
  await terminal.line('/quit');
  expect(await terminal.ended()).toBe(0);
}

describe('a room with more unread messages than a page of history', () => {
  it('says how many there are since when, and the key for it goes to the first of them', async () => {
    await absent('una', 'Busy', 120);
    await using terminal = chats.start('una', { columns: 80 });
    await terminal.shows(/1 Busy +100\+│/);
    await terminal.keys('M-1');
    await terminal.shows(/↑ 120 unread since \d\d:\d\d · Alt\+U shows the first.*unread 120\./s);
    await terminal.keys('M-u');
    const screen = await terminal.shows(/─ 120 unread since \d\d:\d\d ─.*\n.*unread 1\./);
    expect(screen).not.toContain('↑ 120');
  });

  it('counts as read only as far as it was on the screen', async () => {
    await absent('uri', 'Long', 120);
    {
      await using terminal = chats.start('uri', { columns: 80 });
      await terminal.shows(/1 Long +100\+│/);
      await terminal.keys('M-1');
      await terminal.shows(/↑ 120 unread since/);
      await terminal.keys('M-2');
      await terminal.shows(/1 Long +120│/);
      await quit(terminal);
    }
    {
      await using terminal = chats.start('uri', { columns: 80 });
      await terminal.shows(/1 Long +100\+│/);
      await terminal.keys('M-1');
      await terminal.shows(/↑ 120 unread since/);
      await terminal.keys('M-u');
      await terminal.shows(/120 unread since.*\n.*unread 1\./);
      await terminal.keys('M-2');
      // The rows of one screen were read: the number is that of the rest.
      await terminal.shows(/1 Long +(9\d|10\d)│/);
      await terminal.keys('M-1');
      await terminal.shows(/^ Long /);
      await terminal.keys('Escape');
      await terminal.keys('M-2');
      await terminal.shows(/1 Long +│/);
      await quit(terminal);
    }
    await using again = chats.start('uri', { columns: 80 });
    await again.shows(/1 Long +│/);
  });

  it('is read once somebody answers', async () => {
    await absent('ute', 'Talks', 90);
    await using terminal = chats.start('ute', { columns: 80 });
    await terminal.shows(/1 Talks +90│/);
    await terminal.keys('M-1');
    await terminal.shows(/↑ 90 unread since/);
    await terminal.line('I am back');
    await terminal.showsNoMore('↑ 90 unread');
    await terminal.keys('M-2');
    await terminal.shows(/1 Talks +│/);
  });
});
