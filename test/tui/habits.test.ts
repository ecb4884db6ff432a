import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

describe('what is written', () => {
  it('is remembered for each room over restarts, and for all of them', async () => {
    {
      await using terminal = await chats.startNewIn('Attic', 'hal');
      await terminal.line('said in the attic');
      await terminal.shows(/hal✓ said in the attic/);
      await terminal.line('/create Barn');
      await terminal.shows(/^ Barn {2}open room/);
      await terminal.line('said in the barn');
      await terminal.shows(/hal✓ said in the barn/);
      await terminal.keys('M-1');
      await terminal.shows(/^ Attic /);
      await terminal.keys('M-S-Up', 'M-S-Up');
      await terminal.shows('› said in the attic');
      await terminal.keys('C-u', 'C-Up');
      await terminal.shows('› said in the barn');
      await terminal.keys('C-u');
      await terminal.line('/quit');
      expect(await terminal.ended()).toBe(0);
    }
    await using again = chats.start('hal');
    await again.shows(/^ Attic {2}open room/);
    await again.keys('M-2');
    await again.shows(/^ Barn {2}open room/);
    await again.keys('M-S-Up');
    await again.shows('› said in the barn');
  });

  it('has emoji by their short names', async () => {
    await using terminal = await chats.startNewIn('Faces', 'eve');
    await terminal.type('well done :smile');
    await terminal.keys('Tab');
    await terminal.shows('› well done 😄');
  });
});

describe('reading', () => {
  it('goes to the top, to mentions and by the wheel, by keys', async () => {
    const config = join(chats.profile('wim'), 'config', 'conclave');
    await mkdir(config, { recursive: true, mode: 0o700 });
    await writeFile(join(config, 'config.toml'), 'mouse = true\n');
    const bob = await chats.person('bobw');
    await bob.client.create('Tower');
    const room = await bob.client.room('Tower');
    await using terminal = await chats.startNew('wim', { room: 'Tower', columns: 80 });
    await terminal.shows(/^ Tower {2}open room/);
    await room.send('the very first');
    for (let at = 0; at < 90; at += 1) await room.send(at === 30 ? 'wim, look here' : `line ${at}.`);
    await terminal.shows('line 89.');
    await terminal.type('\u001b[<64;10;10M');
    await terminal.showsNoMore('line 89.');
    expect(await terminal.screen()).toContain('line 86.');
    await terminal.type('\u001b[<65;10;10M');
    await terminal.shows('line 89.');
    await terminal.keys('M-p');
    await terminal.shows('wim, look here');
    await terminal.keys('M-Home');
    await terminal.shows('the very first');
    await terminal.keys('M-n');
    await terminal.shows('wim, look here');
    // Nothing lies below the newest message, and what comes is followed also from there.
    await room.send('wim, and here');
    await terminal.keys('M-End');
    await terminal.shows('wim, and here');
    await terminal.keys('M-p');
    await terminal.keys('M-n');
    expect(await terminal.shows('no later mention')).not.toContain('↓');
    await room.send('after it');
    await terminal.shows('after it');
    // Nothing of all that ended up in the input.
    expect(await terminal.screen()).toMatch(/\n› *\n*$/);
  });

  it('lists the links of a room whole, and copies or opens the one that is chosen', async () => {
    const home = chats.profile('liv');
    const config = join(home, 'config', 'conclave');
    await mkdir(config, { recursive: true, mode: 0o700 });
    await writeFile(join(config, 'config.toml'), 'clipboard = true\n');
    const browser = join(home, 'browser');
    await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > '${home}/opened'\n`, { mode: 0o700 });
    await using terminal = await chats.startNewIn('Shelf', 'liv', {
      columns: 80,
      env: { CONCLAVE_OPENER: browser },
    });
    const url = `https://example.org/${'long/'.repeat(12)}end`;
    await terminal.line(`look at ${url}, please`);
    await terminal.shows(/liv✓ look at/);
    await terminal.keys('M-o');
    await terminal.shows('Links in this room');
    await terminal.keys('Enter');
    await terminal.shows(/o {2}open it {4}c {2}copy it/);
    await terminal.keys('c');
    await terminal.shows(/Copied\s+https:/);
    expect(await terminal.copied()).toBe(url);
    // Its link is listed from the start; what can be selected is a message that the server has delivered.
    await eventually(async () => {
      await terminal.keys('Up');
      expect(await terminal.shows(/ r reply |no messages are loaded/)).toContain(' r reply ');
    });
    await terminal.keys('o');
    await terminal.shows('open it');
    await terminal.keys('o');
    await eventually(async () => expect(await readFile(join(home, 'opened'), 'utf8')).toBe(url));
  });

  it('hears of a mention by a command of their own, and that it failed', async () => {
    const home = chats.profile('hob');
    const config = join(home, 'config', 'conclave');
    await mkdir(config, { recursive: true, mode: 0o700 });
    const heard = join(home, 'heard');
    const command = `printf '%s %s' \\"$CONCLAVE_ALERT_ROOM\\" \\"$CONCLAVE_ALERT_TEXT\\" > '${heard}'; false`;
    await writeFile(join(config, 'config.toml'), `notify = "none"\nnotify-command = "${command}"\n`);
    await using terminal = await chats.startNewIn('Horn', 'hob');
    const eve = await chats.person('evi');
    await eve.client.join('Horn');
    await (await eve.client.room('Horn')).send('hob, are you there?');
    await eventually(async () =>
      expect(await readFile(heard, 'utf8')).toBe('Horn evi mentioned you in Horn'),
    );
    await terminal.shows('notify-command in the config file failed');
  });

  it('is told of a room as the person chose for it, over a restart too', async () => {
    {
      await using terminal = await chats.startNewIn('Calm', 'nan');
      await terminal.line('/notify');
      await terminal.shows('You are notified when somebody in Calm mentions you.');
      await terminal.line('/notify none');
      await terminal.shows('Calm is muted: nothing in it notifies you.');
      await terminal.line('/quit');
      expect(await terminal.ended()).toBe(0);
    }
    await using again = chats.start('nan');
    await again.shows(/^ Calm {2}open room/);
    await again.line('/notify');
    await again.shows('Calm is muted: nothing in it notifies you.');
  });
});

it('a terminal without UTF-8 gets borders and signs in ASCII', async () => {
  await using terminal = chats.start('abe', { env: { LANG: 'C' } });
  await terminal.shows('You are abe');
  await terminal.keys('Enter');
  await terminal.shows('* connected');
  await terminal.line('/create Plain');
  await terminal.shows(/^ Plain {2}open room/);
  await terminal.line('hello');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is ASCII ends with a control character.
  expect(await terminal.shows(/>abe\+ hello/)).toMatch(/^[\u0000-\u007f]*$/);
});
