import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { People } from '../support/cluster/people.ts';
import { ratesOff } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { type ChatOptions, startChat, startNewChat } from '../support/terminal/chat-terminal.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let gateway: GatewayProcess;
let people: People;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-tui-keys-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
  people = new People();
});

afterAll(async () => {
  await people[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const ESC = '\u001b';

const chatOf = (user: string, more: Partial<ChatOptions> = {}): ChatOptions & { readonly user: string } => ({
  ...{ server: gateway.url, profile: join(folder, user), columns: 110 },
  ...more,
  user,
});

async function created(user: string, room: string): Promise<TmuxTerminal> {
  const terminal = await startNewChat(chatOf(user));
  await terminal.line(`/create ${room}`);
  await terminal.shows(new RegExp(`^ ${room} {2}open room`));
  return terminal;
}

describe('the input', () => {
  it('takes several lines, edits like a shell, and remembers what was sent', async () => {
    await using terminal = await created('ida', 'Editing');
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
    await terminal.keys('C-c', 'Up');
    await terminal.shows('› something else');
  });

  it('asks before it takes a paste of many lines, and sends what was pasted as one message', async () => {
    await using terminal = await created('ivy', 'Pasting');
    await terminal.paste('one\ntwo');
    await terminal.shows(/› one\n +two/);
    await terminal.keys('C-u', 'C-c');
    await terminal.paste('1\n2\n3\n4\n5\n6\n7');
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

  it('completes commands, rooms and names, and says what a command lacks', async () => {
    const bob = await people.register('bartholomew', gateway.url);
    await using terminal = await created('ian', 'Completing');
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
    await terminal.shows('/verify: lacks USER');
    await terminal.keys('C-c');
    await terminal.line('/vreify bartholomew');
    await terminal.shows('Did you mean /verify?');
  });
});

describe('several rooms', () => {
  it('count what is unread and mentions, and keys lead through them', async () => {
    const bob = await people.register('bob7', gateway.url);
    for (const name of ['Apples', 'Berries', 'Cherries']) await bob.client.create(name);
    await using terminal = await startNewChat(chatOf('jan'));
    for (const name of ['Apples', 'Berries', 'Cherries']) {
      await terminal.line(`/join ${name}`);
      await terminal.shows(new RegExp(`^ ${name} {2}open room`));
    }
    await (await bob.client.room('Apples')).send('an apple');
    await terminal.shows(/1 Apples +1│/);
    await (await bob.client.room('Berries')).send('jan: a berry');
    await terminal.shows(/2 Berries +@1 1│/);
    await eventually(async () => expect(await terminal.fact('pane_title')).toBe('(1) Cherries – Conclave'));
    await terminal.keys('M-a');
    await terminal.shows(/^ Berries /);
    await terminal.shows('read up to here');
    await terminal.keys('M-a');
    await terminal.shows(/^ Apples /);
    expect(await terminal.fact('pane_title')).toBe('Apples – Conclave');
    await terminal.keys('C-n', 'C-n');
    await terminal.shows(/^ Cherries /);
    await terminal.keys('M-2');
    await terminal.shows(/^ Berries /);
    await terminal.keys('C-t');
    await terminal.type('chr');
    await terminal.keys('Enter');
    await terminal.shows(/^ Cherries /);
  });

  it('keep what is typed in each, also over a restart', async () => {
    const bob = await people.register('bob8', gateway.url);
    for (const name of ['Dates', 'Elders']) await bob.client.create(name);
    const options = chatOf('kay');
    {
      await using terminal = await startNewChat(options);
      await terminal.line('/join Dates');
      await terminal.shows(/^ Dates /);
      await terminal.type('for the dates');
      await terminal.keys('C-u');
      await terminal.line('/join Elders');
      await terminal.shows(/^ Elders /);
      await terminal.type('for the elders');
      await terminal.keys('M-1');
      await terminal.shows(/^ Dates /);
      await terminal.shows(/2 Elders +✎/);
      await terminal.keys('M-2');
      await terminal.shows('› for the elders');
      await terminal.keys('M-1');
      await terminal.shows(/^ Dates /);
      await terminal.line('/quit');
      expect(await terminal.ended()).toBe(0);
    }
    await using again = startChat(options);
    await again.shows(/^ Dates {2}open room/);
    await again.keys('M-2');
    await again.shows('› for the elders');
  });
});

describe('reading', () => {
  it('leaves out whom one ignores, behind one line, until one no longer does', async () => {
    const bob = await people.register('noisy', gateway.url);
    await using terminal = await created('lea', 'Quiet');
    await bob.client.join('Quiet');
    const room = await bob.client.room('Quiet');
    await room.send('noise one');
    await room.send('noise two');
    await terminal.shows('noise two');
    await terminal.line('/ignore noisy');
    await terminal.shows('2 messages of someone you ignore');
    expect(await terminal.screen()).not.toContain('noise one');
    await terminal.line('/ignore noisy');
    await terminal.shows('noise one');
  });

  it('shows the keys and commands, and finds in them', async () => {
    await using terminal = await startNewChat(chatOf('max'));
    await terminal.keys('F1');
    await terminal.shows('Help: type to search');
    await terminal.type('safety');
    expect(await terminal.shows(/› safety *\n.*\/verify USER/s)).not.toContain('/join');
    await terminal.keys('Escape');
    await terminal.shows('You are in no room yet.');
  });

  it('has no colours where NO_COLOR asks for none', async () => {
    await using terminal = await startNewChat(chatOf('nia', { env: { NO_COLOR: '1' } }));
    await terminal.line('/create Grey');
    await terminal.shows(/^ Grey /);
    const screen = await terminal.styledScreen();
    const styles = new RegExp(`${ESC}\\[([\\d;]*)m`, 'g');
    const codes = [...screen.matchAll(styles)].flatMap(([, code = '']) => code.split(';'));
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) expect(['', '0', '1', '2', '7', '22', '27', '39', '49']).toContain(code);
  });
});

describe('owners', () => {
  it('rule their rooms by commands', async () => {
    const bob = await people.register('bob9', gateway.url);
    await using terminal = await created('oda', 'Court');
    await bob.client.join('Court');
    await terminal.shows('○ bob9');
    await terminal.line('/grant bob9');
    await terminal.shows('○ @bob9');
    await terminal.line('/rename Palace');
    await terminal.shows(/^ Palace {2}open room/);
    await terminal.shows('the room is named Palace now, no longer Court');
    await terminal.line('/retention 7');
    await terminal.shows('Store messages of Palace for 7 days?');
    await terminal.type('y');
    await terminal.shows('stored 7 days');
    await terminal.line('/password');
    await terminal.shows('New password of Palace');
    await terminal.line('short');
    await terminal.shows('it has 6 to 60 characters');
    await terminal.keys('C-u');
    await terminal.line('long enough');
    await terminal.shows('The same password once more');
    await terminal.line('long enough');
    // On a row of his own: among the members he stands in any case.
    await terminal.shows(/Palace has a new password.*│ +bob9 /s);
    await terminal.keys('Enter');
    await terminal.showsNoMore('Palace has a new password');
    await terminal.shows(/^ Palace {2}password room/);
    await terminal.line('/kick bob9');
    await terminal.shows('bob9 was kicked');
    await expect(bob.client.room('Palace')).rejects.toMatchObject({ code: 'not_a_member' });
    await terminal.line('/delete');
    await terminal.shows('Delete Palace for all of its members?');
    await terminal.line('Palace');
    await terminal.shows('You are in no room yet.');
  });

  it('are obeyed: who is kicked learns it, keeps what was read, and may come back', async () => {
    const bob = await people.register('bob10', gateway.url);
    await bob.client.create('Strict');
    const room = await bob.client.room('Strict');
    await using terminal = await startNewChat({ ...chatOf('pia'), room: 'Strict' });
    await terminal.shows(/^ Strict {2}open room · 2 of 2 online/);
    await room.send('be good');
    await terminal.shows('be good');
    await room.kick('pia');
    await terminal.shows('you were kicked out of this room; /join takes');
    expect(await terminal.screen()).toContain('be good');
    await terminal.line('anybody?');
    await terminal.shows('you are not in Strict any more');
    await terminal.keys('C-c');
    await terminal.line('/join Strict');
    await terminal.shows(/^ Strict {2}open room · 2 of 2 online/);
  });
});

it('a client that fails in an unexpected way gives the terminal back and says what happened', async () => {
  const script = `
    const { TerminalScreen } = await import('${process.cwd()}/dist/client/tui/screen/terminal-screen.js');
    const { guardAgainstCrashes } = await import('${process.cwd()}/dist/client/tui/screen/crash-guard.js');
    const screen = new TerminalScreen(process.stdin, process.stdout);
    guardAgainstCrashes(() => screen.leave());
    screen.enter();
    screen.draw(["full", "screen"].join(" "), undefined);
    process.stdin.on("data", () => { throw new Error("a bug"); });`;
  const command = [process.execPath, '--input-type=module', '-e', script.replaceAll("'", '"')];
  await using terminal = TmuxTerminal.start({ command, inShell: true });
  await terminal.shows('full screen');
  expect(await terminal.fact('alternate_on')).toBe('1');
  await terminal.type('x');
  expect(await terminal.shows('conclave ended unexpectedly: Error: a bug')).not.toContain('full screen');
  expect(await terminal.fact('alternate_on')).toBe('0');
  expect(await terminal.shellOutput('echo as before')).toMatch(/^as before$/m);
});

it('a config file with a fault is refused with its line, before anything else happens', async () => {
  const config = join(folder, 'olga', 'config', 'conclave');
  await mkdir(config, { recursive: true });
  await writeFile(join(config, 'config.toml'), 'notify = "loud"\n');
  await using terminal = startChat(chatOf('olga', { inShell: true, columns: 160 }));
  await terminal.shows('config.toml:1: notify is "loud". Allowed: "none", "bell", "osc9"');
  await terminal.line('echo it ended with $?');
  await terminal.shows('it ended with 2');
});
