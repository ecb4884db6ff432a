import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import type { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

const ESC = '\u001b';
/** Black on cyan. */
const selected = new RegExp(`${ESC}\\[(?:\\d+;)*30[;m]`);

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

describe('a message', () => {
  it('is selected by keys, and answered, reacted to, edited, taken back and removed by one more each', async () => {
    await using terminal = await chats.startNewIn('Choices', 'sel');
    const bob = await chats.person('bobs');
    await bob.client.join('Choices');
    const room = await bob.client.room('Choices');
    for (const text of ['first of all', 'and then', 'https://example.org/x']) await room.send(text);
    await terminal.shows(/bobs {2}https:/);
    await terminal.keys('Up', 'Up', 'Up');
    await terminal.shows(/ r reply · a react · c copy · x remove · Esc cancel/);
    await isMarked(terminal, 'first of all');
    await terminal.keys('r');
    await terminal.shows(/↳ answering bobs: first of all · Esc cancels/);
    await terminal.line('yes');
    await terminal.shows(/↳ bobs: first of all[^\n]*\n[^\n]* yes/);
    await selectNewest(terminal, ' yes');
    await terminal.shows(/ r reply · e edit · a react · c copy · d take back · j what it answers/);
    await terminal.keys('j');
    await isMarked(terminal, 'first of all');
    await terminal.keys('a');
    await terminal.shows('React with');
    await terminal.line('tada');
    await terminal.shows('🎉 1');
    // Typed in one piece: the key is a key, and what follows it is text.
    await terminal.keys('Up');
    await terminal.shows(/ e edit /);
    await isMarked(terminal, ' yes');
    await terminal.type('e!');
    await terminal.shows(/✎ editing: yes · Esc cancels/);
    await terminal.shows(/› yes!/);
    await terminal.keys('Enter');
    await terminal.shows(/yes![^\n]*\n[^\n]*\[edited\]/);
    await terminal.keys('Up', 'v');
    await terminal.shows(/Earlier versions of a message by sel[\s\S]*\n[^\n]*│ {2}yes +│/);
    await terminal.keys('Escape');
    await terminal.showsNoMore('Earlier versions');
    await terminal.keys('d');
    await terminal.shows('Take this message back?');
    await terminal.type('y');
    await terminal.shows('took this message back');
    await terminal.keys('Escape', 'Up', 'Up');
    await isMarked(terminal, 'https://example.org/x');
    await terminal.keys('x');
    await terminal.shows('Remove this message?');
    await terminal.type('y');
    await terminal.shows(/removed by sel, owner here/);
  });

  it('that is selected is left by a letter that is no key, and by what is refused, so that what follows is a text', async () => {
    await using terminal = await chats.startNewIn('Letters', 'let');
    const carl = await chats.person('carls');
    await carl.client.join('Letters');
    await (await carl.client.room('Letters')).send('not yours');
    await terminal.shows(/carls {2}not yours/);
    await selectNewest(terminal, 'not yours');
    await terminal.type('hm, a text');
    await terminal.shows('› hm, a text');
    await terminal.keys('C-u');
    await selectNewest(terminal, 'not yours');
    await terminal.keys('e');
    await terminal.showsNoMore('r reply');
    await terminal.type('another one');
    await terminal.shows('› another one');
  });

  it('that is selected stays on the screen, and is left by Esc', async () => {
    await using terminal = await chats.startNewIn('Heights', 'hei', { rows: 14 });
    for (let at = 1; at <= 30; at += 1) await terminal.line(`line ${at}.`);
    await terminal.shows('line 30.');
    await selectNewest(terminal, 'line 30.');
    for (let at = 0; at < 24; at += 1) await terminal.keys('Up');
    await isMarked(terminal, 'line 6.');
    for (let at = 0; at < 3; at += 1) await terminal.keys('Down');
    await isMarked(terminal, 'line 9.');
    await terminal.keys('Escape');
    await terminal.showsNoMore('r reply');
    await terminal.keys('M-End');
    await terminal.type('r is a letter again');
    await terminal.shows('› r is a letter again');
  });
});

it('the bare view shows lines for the mouse, and any key leads back', async () => {
  await using terminal = await chats.startNewIn('Plainly', 'bar', { columns: 60 });
  const long = `https://example.org/${'z'.repeat(80)}`;
  await terminal.line(long);
  await terminal.shows(/bar✓ https/);
  await terminal.keys('F6');
  const bare = await terminal.shows('Press any key to return.');
  expect(bare).not.toContain('│');
  // The terminal wrapped it, so that what is selected is one line.
  expect((await terminal.joinedScreen()).split('\n').some((line) => line.endsWith(`bar: ${long}`))).toBe(
    true,
  );
  await terminal.keys('x');
  await terminal.shows(/^ Plainly {2}open room/);
  expect(await terminal.screen()).not.toMatch(/› x/);
});

describe('an editor of the person', () => {
  /** A client whose editor is this script; `$1` is the file. */
  async function withEditor(user: string, script: string): Promise<TmuxTerminal> {
    const folder = chats.profile(`${user}-editor`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'editor'), `#!/bin/sh\n${script}`);
    await chmod(join(folder, 'editor'), 0o700);
    const env = { VISUAL: join(folder, 'editor'), EDITOR: 'false', XDG_RUNTIME_DIR: folder };
    return chats.startNewIn(`Room${user}`, user, { env });
  }

  it('has the screen to itself, and what it writes comes into the input', async () => {
    const seen = join(chats.profile('edna-editor'), 'seen');
    const script = `stat -c %a "$1" > ${seen}; echo "editing: press Enter"; read -r answer; printf '%s two\\n%s\\n' "$(cat "$1")" "$answer" > "$1"`;
    await using terminal = await withEditor('edna', script);
    await terminal.type('one');
    await terminal.shows('› one');
    await terminal.keys('M-e');
    await terminal.shows('editing: press Enter');
    expect(await terminal.fact('alternate_on')).toBe('0');
    await terminal.line('three');
    await terminal.shows(/› one two\s*\n\s+three/);
    expect(await terminal.fact('alternate_on')).toBe('1');
    expect((await readFile(seen, 'utf8')).trim()).toBe('600');
    expect(
      (await readdir(chats.profile('edna-editor'))).filter((name) => name.startsWith('conclave-')),
    ).toEqual([]);
    await terminal.keys('Enter');
    await terminal.shows(/edna✓ one two/);
  });

  it('that fails, also by Ctrl+C, leaves what was typed', async () => {
    await using terminal = await withEditor('fred', 'echo "waiting"; sleep 60');
    await terminal.type('keep me');
    await terminal.shows('› keep me');
    await terminal.keys('M-e');
    await terminal.shows('waiting');
    await terminal.keys('C-c');
    await terminal.shows('the editor failed, so the text is unchanged');
    await terminal.shows('› keep me');
    await eventually(async () => {
      const left = (await readdir(chats.profile('fred-editor'))).filter((name) =>
        name.startsWith('conclave-'),
      );
      expect(left).toEqual([]);
    });
    await terminal.keys('Enter');
    await terminal.shows(/fred✓ keep me/);
  });
});

/** Selects the newest message, once that is the one with this text: what one sends is a message of the room a moment later. */
async function selectNewest(terminal: TmuxTerminal, text: string): Promise<void> {
  await eventually(async () => {
    await terminal.keys('Escape');
    await terminal.showsNoMore('Esc cancel');
    await terminal.keys('M-Up');
    await terminal.shows('Esc cancel');
    expect(await rowWith(terminal, text)).toMatch(selected);
  });
}

/** Waits until the row with this text is drawn as a selected one. */
async function isMarked(terminal: TmuxTerminal, text: string): Promise<void> {
  await eventually(async () => expect(await rowWith(terminal, text)).toMatch(selected));
}

/** Of the timeline, without the list of rooms, in which the shown one is drawn like this too. */
async function rowWith(terminal: TmuxTerminal, text: string): Promise<string | undefined> {
  const rows = (await terminal.styledScreen()).split('\n').map((line) => line.slice(line.indexOf('│')));
  return rows.find((row) => row.includes(text));
}
