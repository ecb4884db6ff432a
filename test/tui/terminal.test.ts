import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

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

describe('the terminal', () => {
  const shellChat = (user: string): Promise<TmuxTerminal> => chats.startNew(user, { inShell: true });

  async function isRestored(terminal: TmuxTerminal): Promise<void> {
    await eventually(async () => expect(await terminal.fact('alternate_on')).toBe('0'));
    expect(await terminal.shellOutput('stty -a')).toMatch(/^isig icanon iexten echo /m);
    expect(await terminal.fact('cursor_flag')).toBe('1');
  }

  it('is given back after leaving by Ctrl+C twice', async () => {
    await using terminal = await shellChat('ann6');
    await terminal.keys('C-c');
    await terminal.shows('Ctrl+C again quits');
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
    const output = join(chats.profile('ann8'), 'output');
    await terminal.record(output);
    await terminal.keys('C-z');
    await terminal.shows('Stopped');
    expect(await terminal.fact('alternate_on')).toBe('0');
    await terminal.line('fg');
    await terminal.shows(/› half a sentence/);
    await terminal.type(' goes on');
    await terminal.shows('half a sentence goes on');
    expect(await terminal.fact('alternate_on')).toBe('1');
    // Many terminals make arrow keys of the wheel on the other screen, which would put old messages into the input.
    await eventually(async () => {
      const written = await readFile(output, 'utf8');
      expect(written).toMatch(/\[\?1007h.*\[\?1049l.*\[\?1049h.*\[\?1007l/s);
    });
  });

  it('is taken again at once after Ctrl+Z where no shell could continue the client', async () => {
    await using terminal = await chats.startNew('ann9');
    await terminal.type('half a sentence');
    await terminal.shows('half a sentence');
    await terminal.keys('C-z');
    await terminal.type(' goes on');
    await terminal.shows('half a sentence goes on');
    expect(await terminal.fact('alternate_on')).toBe('1');
  });
});

it('a client that fails in an unexpected way gives the terminal back and says what happened', async () => {
  const script = `
    const { TerminalScreen } = await import('${process.cwd()}/client/tui/screen/terminal-screen.ts');
    const { guardAgainstCrashes } = await import('${process.cwd()}/client/tui/screen/crash-guard.ts');
    const screen = new TerminalScreen(process.stdin, process.stdout, { mouse: false, ascii: false });
    guardAgainstCrashes(() => screen.leave(), () => process.exit(1));
    screen.enter();
    screen.draw(["full", "screen"].join(" "), undefined);
    process.stdin.on("data", () => { throw new Error("a bug"); });`;
  const fromSources = ['--import', import.meta.resolve('tsx'), '--input-type=module'];
  const command = [process.execPath, ...fromSources, '-e', script.replaceAll("'", '"')];
  await using terminal = TmuxTerminal.start({ command, inShell: true });
  await terminal.shows('full screen');
  expect(await terminal.fact('alternate_on')).toBe('1');
  await terminal.type('x');
  expect(await terminal.shows('conclave ended unexpectedly: Error: a bug')).not.toContain('full screen');
  expect(await terminal.fact('alternate_on')).toBe('0');
  expect(await terminal.shellOutput('echo as before')).toMatch(/^as before$/m);
});

it('a client whose profile is moved away says so, goes on, and sends once it is back', async () => {
  const profile = chats.profile('nora');
  const away = chats.profile('away');
  await using terminal = await chats.startNewIn('Moving', 'nora', { columns: 200 });
  await rename(profile, away);
  await terminal.line('while it is away');
  await terminal.shows(/nora✗ while it is away.*moved or deleted while it was in use/s);
  await rename(away, profile);
  await terminal.keys('M-r');
  await terminal.shows(/nora✓ while it is away/);
  await terminal.line('/quit');
  expect(await terminal.ended()).toBe(0);
  await using again = chats.start('nora', { room: 'Moving' });
  await again.shows('while it is away');
});

it('a config file with a fault is refused with its line, before anything else happens', async () => {
  const config = join(chats.profile('olga'), 'config', 'conclave');
  await mkdir(config, { recursive: true });
  await writeFile(join(config, 'config.toml'), 'notify = "loud"\n');
  await using terminal = chats.start('olga', { inShell: true, columns: 160 });
  await terminal.shows('config.toml:1: notify is "loud". Allowed: "none", "bell", "osc9", "osc777"');
  await terminal.line('echo it ended with $?');
  await terminal.shows('it ended with 2');
});
