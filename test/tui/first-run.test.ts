import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Profile } from '../../client/profile/profile.ts';
import { newAccountKeys } from '../../client/sdk/index.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { freePort } from '../support/services/server-process.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import { startChat } from '../support/terminal/chat-terminal.ts';

vi.setConfig({ testTimeout: 90_000 });

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

describe('the first run', () => {
  it('asks for server, name and passphrase, and ends when a question is put away', async () => {
    await using terminal = startChat({ profile: chats.profile('first'), options: [] });
    await terminal.shows('Which server?');
    await terminal.shows('› ws://127.0.0.1:8080');
    await terminal.keys('C-u');
    await terminal.line('http://nowhere');
    await terminal.shows('this is no address like ws://host:port');
    await terminal.keys('C-u');
    await terminal.line(chats.gateway.url);
    await terminal.shows('Which name shall others see?');
    await terminal.line('first1');
    await terminal.shows('A passphrase for the keys of first1');
    await terminal.keys('Escape');
    expect(await terminal.ended()).toBe(0);
  });

  it('takes a passphrase twice, and asks for it once at the next start', async () => {
    const options = { server: chats.gateway.url, profile: chats.profile('zoe'), options: [] };
    await using first = startChat(options);
    await first.shows('Which name shall others see?');
    await first.line('x');
    await first.shows('a name is 3 to 20 ASCII letters and digits');
    await first.line('yz'); // x is still there
    await first.shows('A passphrase for the keys of xyz');
    await first.line('correct horse');
    await first.shows('The same passphrase once more');
    await first.line('correct house');
    await first.shows('the two were not the same');
    await first.line('correct horse');
    await first.shows('The same passphrase once more');
    await first.line('correct horse');
    await first.shows(/You are xyz.*([0-9a-f]{8} ){3}[0-9a-f]{8}/s);
    await first.keys('Enter');
    expect(await first.shows('You are in no room yet.')).not.toContain('horse');
    await first.line('/quit');
    expect(await first.ended()).toBe(0);

    await using second = startChat(options);
    await second.shows('Passphrase of xyz');
    await second.line('wrong');
    await second.shows('this is not the passphrase');
    await second.line('correct horse');
    await second.shows('You are in no room yet.');
  });

  it('keeps keys without a passphrase only after an explicit yes', async () => {
    await using terminal = chats.start('plain', { options: [] });
    await terminal.shows('A passphrase for the keys of plain');
    await terminal.keys('Enter');
    await terminal.shows('Keep the keys without a passphrase?');
    await terminal.type('n');
    await terminal.shows('A passphrase for the keys of plain');
    await terminal.keys('Enter');
    await terminal.shows('Keep the keys without a passphrase?');
    await terminal.type('y');
    await terminal.shows('You are plain');
  });

  // The first of these waits for half a minute; the others go on meanwhile.
  it.concurrent('asks for another server when this one does not answer', async () => {
    const port = await freePort();
    await using terminal = chats.start('lost', { server: `ws://127.0.0.1:${port}` });
    await terminal.shows(`no connection to ws://127.0.0.1:${port} yet: `);
    await terminal.shows(`no account at ws://127.0.0.1:${port} yet: `, 80_000);
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
    await terminal.shows('You are in no room yet.');
  });

  it.concurrent('asks for another name when this one is taken', async () => {
    await chats.person('taken');
    await using terminal = chats.start('taken');
    await terminal.shows('Which name shall others see?');
    await terminal.line('freename');
    await terminal.shows('You are freename');
  });
});
