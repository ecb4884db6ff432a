import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import type { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

const PASSPHRASE = 'purple otter climbs slowly';
const NARROW = { columns: 80, options: [] } as const;

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

/** Leaves somebody's profile behind, sealed under the passphrase, with something that was typed and not sent. */
async function registerIn(room: string, user: string, draft: string): Promise<void> {
  await using terminal = chats.start(user, NARROW);
  await terminal.shows(`Choose a passphrase for the keys of ${user}`);
  await terminal.line(PASSPHRASE);
  await terminal.shows('Repeat the passphrase');
  await terminal.line(PASSPHRASE);
  await terminal.shows(`You are ${user}`);
  await terminal.keys('Enter');
  await terminal.shows('● connected');
  await terminal.line(`/create ${room}`);
  await terminal.shows(new RegExp(`^ ${room} {2}open room`));
  await terminal.type(draft);
  await terminal.shows(`› ${draft}`);
  await leave(terminal);
}

async function leave(terminal: TmuxTerminal): Promise<void> {
  process.kill(Number(await terminal.fact('pane_pid')), 'SIGTERM');
  await terminal.ended();
}

describe('text typed before the chat appears', () => {
  it('appears in the input, and is not sent before the user has seen it', async () => {
    await registerIn('Early', 'eve', 'Hello,');
    await using terminal = chats.start('eve', NARROW);
    await terminal.shows('Passphrase of eve');
    chats.gateway.pause();
    try {
      await terminal.line(PASSPHRASE);
      await terminal.shows('connecting to');
      await terminal.type(' good mornibg');
      await terminal.keys('BSpace', 'BSpace');
      await terminal.line('ng');
      await terminal.paste('all of you');
    } finally {
      chats.gateway.resume();
    }
    await terminal.shows(/^ Early {2}open room/m);
    await terminal.shows(/› Hello, good morning\n +all of you/);
    expect(await terminal.screen()).not.toMatch(/eve[✓…]/);
    await terminal.keys('Enter');
    await terminal.shows(/eve✓ Hello, good morning/);
  });

  it('appears in the input if it was typed while the keys were opened', async () => {
    await registerIn('Blind', 'bea', 'Oh,');
    await using terminal = chats.start('bea', NARROW);
    await terminal.shows('Passphrase of bea');
    await terminal.keys(...PASSPHRASE, 'Enter', ...' good morning', 'Enter', ...'all of you');
    await terminal.shows(/^ Blind {2}open room/m);
    await terminal.shows(/› Oh, good morning\n +all of you/);
    expect(await terminal.screen()).not.toMatch(/bea[✓…]/);
  });

  it('appears in the input if no passphrase is asked for', async () => {
    await using first = await chats.startNewIn('Open', 'ora');
    await leave(first);
    await using terminal = chats.start('ora');
    await terminal.type('good morning');
    await terminal.shows(/› good morning/);
  });

  it('stays out of the input if it might be a passphrase', async () => {
    await registerIn('Hasty', 'hal', 'hm');
    await using terminal = chats.start('hal', NARROW);
    // At once, before there is a question, and again while the keys are opened.
    await terminal.line(PASSPHRASE.slice(0, 6));
    await terminal.shows('Passphrase of hal');
    await terminal.keys('C-u', ...'wrong', 'Enter', ...'purple', 'Enter');
    await terminal.shows('wrong passphrase');
    await terminal.keys('C-u');
    await terminal.line(PASSPHRASE);
    await terminal.shows(/^ Hasty {2}open room/m);
    const screen = await terminal.screen();
    expect(screen).not.toContain('purple');
    expect(screen).toMatch(/\n› hm\s*$/);
  });

  it.each([
    ['wholly', 'Twice', 'tom', [...PASSPHRASE, 'Enter']],
    ['in part', 'Partly', 'pam', [...PASSPHRASE.slice(0, 8)]],
  ] as const)(
    'stays out of the input if it is the passphrase once more, %s',
    async (_, room, user, again) => {
      await registerIn(room, user, 'hm');
      await using terminal = chats.start(user, NARROW);
      await terminal.shows(`Passphrase of ${user}`);
      await terminal.keys(...PASSPHRASE, 'Enter', ...again);
      await terminal.shows(new RegExp(`^ ${room} {2}open room`, 'm'));
      expect(await terminal.screen()).toMatch(/\n› hm\s*$/);
    },
  );
});
