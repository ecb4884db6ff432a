import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/services/server-process.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';

// Each test stops the server.
let chats: ChatFixture;

beforeEach(async () => {
  const promptDrain = { DRAIN_WAIT_SECONDS: '0', DRAIN_SECONDS: '0' };
  chats = await ChatFixture.start({ PORT: String(await freePort()), ...promptDrain });
});

afterEach(() => chats[Symbol.asyncDispose]());

describe('while a command waits for the server', () => {
  it('the screen says so, messages pass, and Escape stops waiting', async () => {
    await using terminal = await chats.startNewIn('Slow', 'sam', { columns: 80 });
    chats.gateway.pause();
    await terminal.line('/rooms');
    await terminal.shows('… /rooms (Esc cancels)');
    await terminal.line('a message meanwhile');
    await terminal.shows(/sam… a message meanwhile/);
    await terminal.keys('Escape');
    await terminal.shows('Stopped waiting for /rooms.');
    await terminal.showsNoMore('(Esc cancels)');
    chats.gateway.resume();
    await terminal.shows(/sam✓ a message meanwhile/);
    // What was cancelled asks nothing later.
    await terminal.line('/who');
    expect(await terminal.shows('online in Slow: sam')).not.toContain('Rooms ·');
  });
});

describe('without a connection', () => {
  it('the client says at its start why there is none, and shows what it kept until there is one', async () => {
    await using first = await chats.startNewIn('Later', 'sid', { columns: 80 });
    await first.line('/quit');
    expect(await first.ended()).toBe(0);
    await chats.gateway.drain();
    await using terminal = chats.start('sid', { columns: 80 });
    await terminal.shows(/^ Later {2}not connected: kept messages/m);
    await terminal.shows('Not connected yet: nothing answers at');
    await terminal.shows('○ offline, next try in');
    await chats.restart();
    await terminal.shows(/^ Later {2}open room/);
  });

  it('commands fail at once and come back into the input, messages wait, and a key tries again', async () => {
    await using terminal = await chats.startNewIn('Away', 'sue', { columns: 80 });
    await chats.gateway.drain();
    await terminal.shows('○ offline, next try in');
    await terminal.line('/join Other');
    await terminal.shows("Not connected, so /join can't run now. /reconnect tries again.");
    await terminal.shows('› /join Other');
    // Whoever types on writes something else; the command is in the history.
    await terminal.line('for later');
    await terminal.shows(/sue… for later/);
    // Between two tries: while it tries, it says so.
    const screen = await terminal.shows(
      /○ offline, next try in \d+ s · F5 tries now · (nothing answers at .*· )?1 pending/,
    );
    expect(screen).not.toContain('ECONNREFUSED');
    await terminal.shows(/^ Away .* sue/);
    await terminal.line('/who');
    await terminal.shows("Not connected, so /who can't run now.");
    await chats.restart();
    await terminal.keys('F5');
    await terminal.shows('● connected', 20_000);
    await terminal.showsNoMore('Not connected');
    await terminal.shows('› /who');
    await terminal.keys('C-u');
    await terminal.shows(/sue✓ for later/);
    await terminal.line('/reconnect');
    await terminal.shows('you are connected');
  });
});
