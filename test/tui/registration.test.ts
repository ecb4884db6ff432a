import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { newInvitation } from '../support/cluster/invitation.ts';
import { ratesOff } from '../support/cluster/test-cluster.ts';
import { type ChatOptions, startChat } from '../support/terminal/chat-terminal.ts';
import type { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let inviting: GatewayProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-tui-registration-'));
  inviting = await startGateway({
    DATA_DIR: join(folder, 'inviting'),
    REGISTRATION: 'invite',
    ...ratesOff,
  });
});

afterAll(async () => {
  await inviting[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const chatOf = (
  user: string,
  { url }: GatewayProcess = inviting,
): ChatOptions & { readonly user: string } => ({
  server: url,
  profile: join(folder, user),
  user,
});

/** Every key file of a profile, by its path. */
async function keyFiles(user: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(join(folder, user), { recursive: true });
  const paths = entries.filter((path) => path.endsWith('/keys')).map((path) => join(folder, user, path));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'hex')] as const)));
}

async function isInvited(terminal: TmuxTerminal, code: string): Promise<void> {
  await terminal.shows('Invitation code');
  await terminal.line(code);
}

describe('a server by invitation', () => {
  it('has its code asked for until it is a good one, with the same keys, over a restart too', async () => {
    const used = await newInvitation(inviting);
    {
      await using other = startChat(chatOf('first'));
      await isInvited(other, used);
      await other.shows('You are first');
    }
    const options = { ...chatOf('guest'), options: [] };
    await using terminal = startChat(options);
    await terminal.shows('A passphrase for the keys of guest');
    await terminal.line('correct horse');
    await terminal.shows('The same passphrase once more');
    await terminal.line('correct horse');
    await isInvited(terminal, 'K10M');
    await terminal.shows('a code is 16 letters and digits');
    await terminal.keys('C-u');
    await terminal.line('0000-0000-0000-0000');
    await terminal.shows('this code is unknown, used or over');
    const made = await keyFiles('guest');
    expect(made.size).toBe(1);
    await terminal.keys('Escape');
    expect(await terminal.ended()).toBe(0);

    await using again = startChat(options);
    await again.shows('Passphrase of guest');
    await again.line('correct horse');
    await isInvited(again, used);
    await again.shows('this code is unknown, used or over');
    await again.line((await newInvitation(inviting)).toLowerCase().replaceAll('-', ' '));
    await again.shows('You are in no room yet.');
    expect(await keyFiles('guest')).toEqual(made);
  });

  it('gets the code again by itself when only the name was refused', async () => {
    {
      await using other = startChat(chatOf('taken'));
      await isInvited(other, await newInvitation(inviting));
      await other.shows('You are taken');
    }
    await using terminal = startChat({ ...chatOf('taken'), profile: join(folder, 'late') });
    await isInvited(terminal, await newInvitation(inviting));
    await terminal.shows('Which name shall others see?');
    await terminal.line('untaken');
    await terminal.shows('You are untaken');
    expect([...(await keyFiles('late')).keys()]).toEqual([expect.stringContaining('/untaken/')]);
  });
});

it('a server that takes nobody says so, keeps no keys, and another one may be named', async () => {
  await using closed = await startGateway({
    DATA_DIR: join(folder, 'closed'),
    REGISTRATION: 'closed',
    ...ratesOff,
  });
  await using open = await startGateway({ DATA_DIR: join(folder, 'open'), ...ratesOff });
  await using terminal = startChat(chatOf('nobody', closed));
  await terminal.shows(`${closed.url} takes no new accounts`);
  expect((await keyFiles('nobody')).size).toBe(0);
  await terminal.keys('C-u');
  await terminal.line(open.url);
  await terminal.shows('You are nobody');
  expect((await keyFiles('nobody')).size).toBe(1);
});
