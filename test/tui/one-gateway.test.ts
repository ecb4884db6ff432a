import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { People } from '../support/cluster/people.ts';
import { ratesOff } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { startChat, startNewChat } from '../support/terminal/chat-terminal.ts';
import type { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let gateway: GatewayProcess;
let people: People;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-tui-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
  people = new People();
});

afterAll(async () => {
  await people[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const chatOf = (
  user: string,
): { readonly server: string; readonly profile: string; readonly user: string } => ({
  server: gateway.url,
  profile: join(folder, user),
  user,
});

/** The pid of the client itself, which runs below the terminal's shell or is its program. */
async function clientPid(terminal: TmuxTerminal): Promise<number> {
  const pane = Number(await terminal.fact('pane_pid'));
  const name = await readFile(`/proc/${pane}/comm`, 'utf8');
  if (name.trim() !== 'bash') return pane;
  return eventually(async () => {
    const children = await readFile(`/proc/${pane}/task/${pane}/children`, 'utf8');
    const [child] = children.trim().split(' ');
    if (child === undefined || child === '') throw new Error('the shell has no child');
    return Number(child);
  });
}

describe('a chat', () => {
  it('shows what others write, and they read what is typed', async () => {
    const bob = await people.register('bob1', gateway.url);
    await bob.client.create('Talk');
    const room = await bob.client.room('Talk');
    await using terminal = await startNewChat({ ...chatOf('ann1'), room: 'Talk' });
    await terminal.shows(/Talk {2}open room · 2 of 2 online/);
    const messages = room.follow({ after: 'now' });
    await room.send('hello from bob');
    await terminal.shows(/bob1 {2}hello from bob/);
    await terminal.line('hello bob, 日本語 👩‍👩‍👧 ok');
    await terminal.shows(/ann1✓ hello bob, 日本語/);
    expect((await messages.next()).value).toMatchObject({ text: 'hello from bob' });
    expect((await messages.next()).value).toMatchObject({
      text: 'hello bob, 日本語 👩‍👩‍👧 ok',
      from: 'ann1',
    });
  });

  it('asks for the password of a locked room, again after a wrong one', async () => {
    const bob = await people.register('bob2', gateway.url);
    await bob.client.create('Secret', { password: 'open sesame' });
    await using terminal = await startNewChat(chatOf('ann2'));
    await terminal.line('/join Secret');
    await terminal.shows('Password of Secret');
    await terminal.line('open barley');
    await terminal.shows('no such room, or this is not its password');
    await terminal.line('open sesame');
    await terminal.shows(/Secret {2}password room/);
    await (await bob.client.room('Secret')).send('you are in');
    expect(await terminal.shows(/bob2 {2}you are in/)).not.toContain('sesame');
  });

  it('loads history page by page while one scrolls up, and goes on below', async () => {
    const bob = await people.register('bob3', gateway.url);
    await bob.client.create('Long');
    const room = await bob.client.room('Long');
    await using terminal = await startNewChat({ ...chatOf('ann3'), room: 'Long' });
    await terminal.shows(/Long {2}open room/);
    await Promise.all(Array.from({ length: 250 }, (_, at) => room.send(`first ${at}`)));
    await terminal.line('/quit');
    await terminal.ended();
    await Promise.all(Array.from({ length: 250 }, (_, at) => room.send(`then ${at}`)));

    await using again = startChat(chatOf('ann3'));
    await again.shows('then 249');
    await eventually(
      async () => {
        await again.keys('PageUp', 'PageUp', 'PageUp');
        expect(await again.screen()).toContain('nothing older can be read');
      },
      { deadlineMs: 60_000 },
    );
    expect(await again.screen()).toContain('first 0');
    await room.send('and now');
    await again.shows('↓ 1 new');
    await again.keys('M-End');
    await again.shows('and now');
    await again.showsNoMore('↓ 1 new');
  });

  it('shows hostile text without obeying it', async () => {
    const mallory = await people.register('mallory', gateway.url);
    await mallory.client.create('Trap');
    const room = await mallory.client.room('Trap');
    await using terminal = await startNewChat({ ...chatOf('ann4'), room: 'Trap', columns: 160 });
    await terminal.shows(/Trap {2}open room/);
    await room.send('\u001b[2J\u001b]2;owned\u0007\u202Ereversed\u0000 end');
    const screen = await terminal.shows('<U+001B>[2J<U+001B>]2;owned<U+0007><U+202E>reversed<U+0000> end');
    expect(screen).toMatch(/^ Trap/);
    expect(await terminal.fact('pane_title')).not.toContain('owned');
  });

  it('draws itself anew in another size', async () => {
    const bob = await people.register('bob5', gateway.url);
    await bob.client.create('Sizes');
    await bob.client.room('Sizes');
    await using terminal = await startNewChat({ ...chatOf('ann5'), room: 'Sizes', columns: 80, rows: 24 });
    await terminal.shows(/Sizes {2}open room/);
    await terminal.line('some words to keep');
    await terminal.shows(/ann5✓ some words to keep/);
    for (const [columns, rows] of [
      [200, 60],
      [50, 12],
      [100, 30],
    ] as const) {
      await terminal.resize(columns, rows);
      await eventually(async () => {
        const lines = (await terminal.screen()).split('\n');
        expect(lines[rows - 1]).toMatch(/^›/);
        expect(lines.filter((line) => line.startsWith(' Sizes'))).toHaveLength(1);
        expect(lines[rows - 3]).toContain('some words to keep');
      });
    }
    await terminal.shows('● ~bob5');
  });
});

describe('the terminal', () => {
  const shellChat = (user: string): Promise<TmuxTerminal> => startNewChat({ ...chatOf(user), inShell: true });

  async function isRestored(terminal: TmuxTerminal): Promise<void> {
    await eventually(async () => expect(await terminal.fact('alternate_on')).toBe('0'));
    expect(await terminal.shellOutput('stty -a')).toMatch(/^isig icanon iexten echo /m);
    expect(await terminal.fact('cursor_flag')).toBe('1');
  }

  it('is given back after leaving by Ctrl+C twice', async () => {
    await using terminal = await shellChat('ann6');
    await terminal.keys('C-c');
    await terminal.shows('Ctrl+C once more leaves');
    // One more is enough within two seconds of the first; after that, two are.
    await terminal.keys('C-c', 'C-c');
    await isRestored(terminal);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('is given back after %s', async (signal) => {
    await using terminal = await shellChat(`ann7${signal.slice(3)}`);
    process.kill(await clientPid(terminal), signal);
    await isRestored(terminal);
  });

  it('is given back to the shell by Ctrl+Z, and taken again by fg', async () => {
    await using terminal = await shellChat('ann8');
    await terminal.type('half a sentence');
    await terminal.shows('half a sentence');
    await terminal.keys('C-z');
    await terminal.shows('Stopped');
    expect(await terminal.fact('alternate_on')).toBe('0');
    await terminal.line('fg');
    await terminal.shows(/› half a sentence/);
    await terminal.type(' goes on');
    await terminal.shows('half a sentence goes on');
    expect(await terminal.fact('alternate_on')).toBe('1');
  });
});
