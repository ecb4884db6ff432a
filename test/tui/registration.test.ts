import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newInvitation } from '../support/cluster/invitation.ts';
import { ADMIN_TOKEN } from '../support/cluster/operator.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import type { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start({ REGISTRATION: 'invite', ADMIN_TOKEN });
});

afterAll(() => chats[Symbol.asyncDispose]());

/** Every key file of a profile, by its path. */
async function keyFiles(profile: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(profile, { recursive: true });
  const paths = entries.filter((path) => path.endsWith('/keys')).map((path) => join(profile, path));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'hex')] as const)));
}

async function isInvited(terminal: TmuxTerminal, code: string): Promise<void> {
  await terminal.shows('Invitation code');
  await terminal.line(code);
}

describe('a server by invitation', () => {
  it('has its code asked for until it is a good one, with the same keys, over a restart too', async () => {
    const used = await newInvitation(chats.gateway);
    {
      await using other = chats.start('first');
      await isInvited(other, used);
      await other.shows('You are first');
    }
    await using terminal = chats.start('guest', { options: [] });
    await terminal.shows('Choose a passphrase for the keys of guest');
    await terminal.line('correct horse staple otter');
    await terminal.shows('Repeat the passphrase');
    await terminal.line('correct horse staple otter');
    await isInvited(terminal, 'K10M');
    await terminal.shows('a code is 16 letters and digits');
    await terminal.keys('C-u');
    await terminal.line('0000-0000-0000-0000');
    await terminal.shows('this code is unknown, used or expired');
    const made = await keyFiles(chats.profile('guest'));
    expect(made.size).toBe(1);
    await terminal.keys('Escape');
    expect(await terminal.ended()).toBe(0);

    await using again = chats.start('guest', { options: [] });
    await again.shows('Passphrase of guest');
    await again.line('correct horse staple otter');
    await isInvited(again, used);
    await again.shows('this code is unknown, used or expired');
    await again.line((await newInvitation(chats.gateway)).toLowerCase().replaceAll('-', ' '));
    await again.shows('You are not in a room yet.');
    expect(await keyFiles(chats.profile('guest'))).toEqual(made);
  });

  it('gets the code again by itself when only the name was refused', async () => {
    {
      await using other = chats.start('taken');
      await isInvited(other, await newInvitation(chats.gateway));
      await other.shows('You are taken');
    }
    await using terminal = chats.start('taken', { profile: chats.profile('late') });
    await isInvited(terminal, await newInvitation(chats.gateway));
    await terminal.shows('Choose a user name');
    await terminal.line('untaken');
    await terminal.shows('You are untaken');
    expect([...(await keyFiles(chats.profile('late'))).keys()]).toEqual([
      expect.stringContaining('/untaken/'),
    ]);
  });
});

it('a server that takes nobody says so, keeps no keys, and another one may be named', async () => {
  await using closed = await ChatFixture.start({ REGISTRATION: 'closed' });
  await using open = await ChatFixture.start();
  await using terminal = closed.start('nobody');
  await terminal.shows(`${closed.gateway.url} takes no new accounts`);
  expect((await keyFiles(closed.profile('nobody'))).size).toBe(0);
  await terminal.keys('C-u');
  await terminal.line(open.gateway.url);
  await terminal.shows('You are nobody');
  expect((await keyFiles(closed.profile('nobody'))).size).toBe(1);
});
