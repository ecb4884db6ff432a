import { expect, it } from 'vitest';
import { impostorOf, swapKeys } from '../support/hostile/swap-keys.ts';
import { Theatre } from '../support/hostile/theatre.ts';
import { startChat, startNewChat } from '../support/terminal/chat-terminal.ts';

it('a changed key stops the sending, says what to do, and goes on once it is accepted', async () => {
  await using theatre = await Theatre.open();
  const bob = await theatre.actor('Bob', { honestly: true });
  await bob.client.create('Trusting');
  const options = { server: theatre.hostile.url, profile: theatre.profile('ann'), user: 'ann', columns: 120 };
  {
    await using first = await startNewChat({ ...options, room: 'Trusting' });
    await first.shows(/^ Trusting {2}open room/);
    await first.line('to the real one');
    await first.shows(/ann✓ to the real one/);
    await first.line('/quit');
    await first.ended();
  }
  swapKeys(theatre.hostile, (await bob.client.me()).id, await impostorOf(bob));
  await using terminal = startChat(options);
  await terminal.shows('key of Bob changed: sending stopped, /verify or /trust');
  await terminal.line('to whom?');
  await terminal.shows(/›ann✗ to whom\?/);
  await terminal.shows('not sent: the key of Bob is not the one that you saw');
  expect(theatre.hostile.count('send')).toBe(1);
  await terminal.line('/trust Bob');
  await terminal.shows('Accept the new key of Bob without comparing?');
  await terminal.type('n');
  await terminal.showsNoMore('Accept the new key');
  await terminal.line('/verify Bob');
  await terminal.shows(/Safety number with Bob.*(\d{5} ){3}\d{5}/s);
  await terminal.shows('KEY CHANGED');
  await terminal.type('v');
  await terminal.shows('Bob is verified');
  await terminal.keys('M-r');
  await terminal.shows(/ann✓ to whom\?/);
});
