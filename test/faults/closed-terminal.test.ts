import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ChatMemory } from '../../client/chat/chat-memory.ts';
import { Profile } from '../../client/profile/profile.ts';
import { parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { command } from '../support/cluster/cli-in-process.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import { endedOnClosedTerminal } from '../support/terminal/closed-terminal.ts';
import { leftForTheShell } from '../support/terminal/unread-keys.ts';

vi.setConfig({ testTimeout: 180_000 });

/** Each time at another moment of a program that draws, reads and writes its profile. */
const ROUNDS = 20;
const BY_HANGUP = 'signal 1';
const conclave = [process.execPath, 'dist/client/cli/main.js'];

let chats: ChatFixture;
beforeAll(async () => {
  chats = await ChatFixture.start();
});
afterAll(() => chats[Symbol.asyncDispose]());

async function registered(user: string, ...options: readonly string[]): Promise<readonly string[]> {
  const args = ['--server', chats.gateway.url, '--profile', chats.profile(user)];
  expect((await command([...args, ...options, 'register', user])).code).toBe(0);
  return args;
}

async function draftsOf(user: string): Promise<readonly string[]> {
  const origin = parseOrigin(chats.gateway.url) ?? expect.unreachable();
  const name = parseUserName(user) ?? expect.unreachable();
  const account = await new Profile(chats.profile(user)).open(origin, name, undefined);
  try {
    return [...(await new ChatMemory(account.state).drafts()).values()];
  } finally {
    await account.close();
  }
}

it('a chat whose terminal goes away ends by that, keeps the draft, and leaves the profile to the next command', async () => {
  const args = [...(await registered('gone1', '--no-passphrase')), '--no-passphrase'];
  expect((await command([...args, 'create', 'Harbour'])).code).toBe(0);
  const program = [...conclave, ...args, 'chat', 'Harbour'];
  for (let round = 0; round < ROUNDS; round += 1) {
    const typed = `sent\rkept ${'more '.repeat(1 + (round % 7))}`;
    expect(await endedOnClosedTerminal({ command: program, shown: 'connected', typed })).toBe(BY_HANGUP);
    expect((await command([...args, '--timeout', '10', 'whoami'])).code).toBe(0);
  }
  expect(await draftsOf('gone1')).toEqual([expect.stringContaining('kept')]);
});

it.each([
  ['chat', 'Passphrase of'],
  ['whoami', 'Passphrase of'],
  ['tail', 'Passphrase of'],
])('%s ends as well when the terminal goes away in front of its question', async (name, shown) => {
  const user = `asked${name}`;
  const file = join(chats.profile('.'), `${user}.passphrase`);
  await writeFile(file, 'correct horse', { mode: 0o600 });
  const args = await registered(user, '--passphrase-file', file);
  const program = [...conclave, ...args, name, ...(name === 'tail' ? ['Harbour'] : [])];
  expect(await endedOnClosedTerminal({ command: program, shown, typed: 'corr' })).toBe(BY_HANGUP);
  expect((await command([...args, '--passphrase-file', file, 'whoami'])).code).toBe(0);
});

it('a reader that follows a room ends when its terminal goes away', async () => {
  const args = [...(await registered('gone2', '--no-passphrase')), '--no-passphrase'];
  expect((await command([...args, 'create', 'Quay'])).code).toBe(0);
  expect((await command([...args, 'send', 'Quay', 'ahoy'])).code).toBe(0);
  const program = [...conclave, ...args, 'tail', 'Quay', '--follow'];
  expect(await endedOnClosedTerminal({ command: program, shown: 'ahoy', typed: 'x' })).toBe(BY_HANGUP);
  expect((await command([...args, '--timeout', '10', 'whoami'])).code).toBe(0);
});

it.each([
  ['whoami', 'Passphrase of'],
  ['chat', 'Passphrase of'],
])(
  '%s that ends by a signal leaves nothing to the shell of what was typed at its question',
  async (name, shown) => {
    const user = `ended${name}`;
    const file = join(chats.profile('.'), `${user}.passphrase`);
    await writeFile(file, 'correct horse', { mode: 0o600 });
    const args = await registered(user, '--passphrase-file', file);
    const program = [...conclave, ...args, name];
    expect(await leftForTheShell({ command: program, shown, typed: 'correct' })).toBe("b''");
  },
);
