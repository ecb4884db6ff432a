import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

describe('the input', () => {
  it('takes several lines, edits like a shell, and remembers what was sent', async () => {
    await using terminal = await chats.startNewIn('Editing', 'ida');
    await terminal.type('first line');
    await terminal.keys('M-Enter');
    await terminal.type('second line');
    await terminal.keys('C-w', 'C-a');
    await terminal.type('the ');
    await terminal.keys('C-e', 'C-y', 'Enter');
    await terminal.shows(/ida✓ first line [^\n]*\n[^\n]* the second line/);
    await terminal.line('something else');
    await terminal.shows(/ida✓ something else/);
    await terminal.keys('C-r');
    await terminal.type('FIRST');
    await terminal.shows(/search: FIRST → first line/);
    await terminal.keys('Enter');
    await terminal.shows(/› first line/);
    await terminal.keys('C-c', 'M-S-Up');
    await terminal.shows('› something else');
  });

  it('asks before it takes a paste of many lines, and sends what was pasted as one message', async () => {
    await using terminal = await chats.startNewIn('Pasting', 'ivy');
    await terminal.paste('one\ntwo');
    await terminal.shows(/› one\n +two/);
    await terminal.keys('C-u', 'C-c');
    await terminal.paste('1\n2\n3\n4\n5\n6\n7\n');
    await terminal.shows('Paste 7 lines?');
    await terminal.type('n');
    await terminal.showsNoMore('Paste 7 lines?');
    expect(await terminal.screen()).toMatch(/\n›\s*$/);
    await terminal.paste('1\n2\n3\n4\n5\n6\n7');
    await terminal.shows('Paste 7 lines?');
    await terminal.type('y');
    await terminal.shows(/ 6\n +7\n*$/);
    await terminal.keys('Enter');
    await terminal.shows(/ivy✓ 1 /);
  });

  it('sends no room what is typed ahead for a question', async () => {
    await using slow = await ChatFixture.start();
    const bob = await slow.person('bob6');
    await bob.client.create('Vault', { password: 'open sesame' });
    await using terminal = await slow.startNewIn('Hasty', 'ira');
    await terminal.type('/create Safe password');
    await terminal.keys('Enter', ...'hunter2', 'Enter');
    await terminal.shows('Repeat the password');
    await terminal.keys('Escape');
    await terminal.showsNoMore('Repeat the password');
    slow.gateway.pause();
    await terminal.line('/join Vault');
    await terminal.line('open sesame');
    await terminal.shows('› open sesame');
    slow.gateway.resume();
    await terminal.shows('Vault is locked');
    await terminal.keys('Escape');
    await terminal.showsNoMore('Vault is locked');
    expect(await terminal.shows('› open sesame')).not.toMatch(/›ira/);
  });

  it('completes commands, rooms and names, and says what is missing from a command', async () => {
    const bob = await chats.person('bartholomew');
    await using terminal = await chats.startNewIn('Completing', 'ian');
    await bob.client.join('Completing');
    await terminal.shows('○ bartholomew');
    await terminal.type('bar');
    await terminal.keys('Tab');
    await terminal.shows('› bartholomew:');
    await terminal.keys('C-c');
    await terminal.type('/ver');
    await terminal.keys('Tab');
    await terminal.type('b');
    await terminal.keys('Tab');
    await terminal.shows('› /verify bartholomew');
    await terminal.keys('C-c');
    await terminal.line('/verify');
    await terminal.shows('/verify: USER is missing');
    await terminal.keys('C-c');
    await terminal.showsNoMore('/verify: USER is missing');
    await terminal.line('/vreify bartholomew');
    await terminal.shows('Did you mean /verify?');
  });
});
