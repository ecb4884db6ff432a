import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Profile } from '../../client/profile/profile.ts';
import { newAccountKeys } from '../../client/sdk/index.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { freePort } from '../support/services/server-process.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import { startChat } from '../support/terminal/chat-terminal.ts';

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

describe('the first run', () => {
  it('asks for server, name and passphrase, and Escape goes back from each, and from the first out', async () => {
    await using terminal = startChat({ profile: chats.profile('first'), options: [] });
    await terminal.shows('Which server?');
    await terminal.shows('› ws://127.0.0.1:8080');
    await terminal.shows('Enter: next · Esc: quit');
    await terminal.keys('C-u');
    await terminal.line('ftp://nowhere');
    await terminal.shows('enter an address such as wss://chat.example.org or ws://127.0.0.1:8080');
    await terminal.keys('C-u');
    // As a browser has it.
    await terminal.line(`${chats.gateway.url.replace(/^ws/, 'http')}/`);
    await terminal.shows('Choose a user name');
    await terminal.shows('Enter: next · Esc: back');
    await terminal.line('first1');
    await terminal.shows('Choose a passphrase for the keys of first1');
    await terminal.line('purple otter climbs slowly');
    await terminal.shows('Repeat the passphrase');
    await terminal.keys('Escape');
    await terminal.shows('Choose a passphrase for the keys of first1');
    await terminal.keys('Escape');
    await terminal.shows('Choose a user name');
    await terminal.keys('F1');
    await terminal.shows('Conclave asks for three things');
    await terminal.keys('Escape');
    await terminal.shows('Choose a user name');
    await terminal.keys('Escape');
    await terminal.shows('Which server?');
    await terminal.keys('Escape');
    expect(await terminal.ended()).toBe(0);
  });

  it('tries the server before it asks for anything else, and can be called off', async () => {
    const port = await freePort();
    await using terminal = startChat({ profile: chats.profile('trier'), options: ['--no-passphrase'] });
    await terminal.shows('Which server?');
    await terminal.keys('C-u');
    await terminal.line(`127.0.0.1:${port}`);
    // Over TLS and without it there is the same to say, and the address is still what was typed.
    await terminal.shows(
      new RegExp(
        `› 127\\.0\\.0\\.1:${port}\\s+nothing answers at 127\\.0\\.0\\.1:${port}: is the server running\\?\\s+Enter`,
      ),
    );
    chats.gateway.pause();
    try {
      await terminal.keys('C-u');
      await terminal.line(chats.gateway.url);
      await terminal.shows(`Trying ${chats.gateway.url} …`);
      await terminal.keys('Escape');
      await terminal.shows('Which server?');
    } finally {
      chats.gateway.resume();
    }
    await terminal.keys('C-u');
    await terminal.line(chats.gateway.url.replace('ws://', ''));
    await terminal.shows('Choose a user name');
    await terminal.line('trier');
    expect(await terminal.shows('You are trier')).toMatch(/know that nobody sits between you\./);
  });

  it('takes a weak passphrase only after a second yes', async () => {
    await using terminal = chats.start('weak', { options: [] });
    await terminal.shows('Choose a passphrase for the keys of weak');
    await terminal.line('123');
    await terminal.shows('Use this weak passphrase?');
    await terminal.keys('Enter');
    await terminal.shows('Press y or n.');
    await terminal.type('n');
    await terminal.shows('Choose a passphrase for the keys of weak');
    await terminal.line('123');
    await terminal.shows('Use this weak passphrase?');
    await terminal.type('y');
    await terminal.shows('Repeat the passphrase');
    await terminal.line('123');
    await terminal.shows('You are weak');
  });

  it('takes a passphrase twice, and asks for it once at the next start', async () => {
    const options = { server: chats.gateway.url, profile: chats.profile('zoe'), options: [] };
    await using first = startChat(options);
    await first.shows('Choose a user name');
    await first.line('x');
    await first.shows('a user name has 3 to 20 letters (A to Z) and digits');
    await first.line('yz'); // x is still there
    await first.shows('Choose a passphrase for the keys of xyz');
    await first.line('correct horse staple otter');
    await first.shows('Repeat the passphrase');
    await first.line('correct house staple otter');
    await first.shows('the passphrases differ');
    await first.line('correct horse staple otter');
    await first.shows('Repeat the passphrase');
    await first.line('correct horse staple otter');
    await first.shows(/You are xyz.*([0-9a-f]{8} ){3}[0-9a-f]{8}/s);
    await first.keys('Enter');
    expect(await first.shows('You are not in a room yet.')).not.toContain('horse');
    await first.line('/quit');
    expect(await first.ended()).toBe(0);

    await using second = startChat(options);
    await second.shows('Passphrase of xyz');
    await second.line('wrong');
    await second.shows('wrong passphrase');
    await second.line('correct horse staple otter');
    await second.shows('You are not in a room yet.');
  });

  it('keeps keys without a passphrase only after an explicit yes', async () => {
    await using terminal = chats.start('plain', { options: [] });
    await terminal.shows('Choose a passphrase for the keys of plain');
    await terminal.keys('Enter');
    await terminal.shows('Keep your keys without a passphrase?');
    await terminal.type('n');
    await terminal.shows('Choose a passphrase for the keys of plain');
    await terminal.keys('Enter');
    await terminal.shows('Keep your keys without a passphrase?');
    await terminal.type('y');
    await terminal.shows('You are plain');
  });

  // The first of these waits for half a minute; the others go on meanwhile.
  it.concurrent('asks for another server when this one does not answer', async () => {
    const port = await freePort();
    await using terminal = chats.start('lost', { server: `ws://127.0.0.1:${port}` });
    await terminal.shows(`nothing answers at 127.0.0.1:${port}`);
    await terminal.keys('C-u');
    await terminal.line(chats.gateway.url);
    await terminal.shows('You are lost');
  });

  it.concurrent('finishes a registration that was cut short', async () => {
    const profile = new Profile(chats.profile('cut'));
    const server = parseOrigin(chats.gateway.url) ?? expect.unreachable();
    const account = await newAccountKeys('cut');
    await profile.create(server, account, undefined);
    await using terminal = chats.start('cut');
    await terminal.shows('You are not in a room yet.');
  });

  it.concurrent('asks for another name when this one is taken', async () => {
    await chats.person('taken');
    await using terminal = chats.start('taken');
    await terminal.shows('Choose a user name');
    await terminal.line('freename');
    await terminal.shows('You are freename');
  });
});
