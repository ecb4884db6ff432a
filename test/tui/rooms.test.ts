import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { parseMetricsPage } from '../support/observe/metrics-page.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import type { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

async function isTitled(terminal: TmuxTerminal, title: string): Promise<void> {
  await eventually(async () => expect(await terminal.fact('pane_title')).toBe(title));
}

describe('several rooms', () => {
  it('count what is unread and mentions, and keys lead through them', async () => {
    const bob = await chats.person('bob7');
    for (const name of ['Apples', 'Berries', 'Cherries']) await bob.client.create(name);
    await using terminal = await chats.startNew('jan');
    for (const name of ['Apples', 'Berries', 'Cherries']) {
      await terminal.line(`/join ${name}`);
      await terminal.shows(new RegExp(`^ ${name} {2}open room`));
    }
    await (await bob.client.room('Apples')).send('an apple');
    await terminal.shows(/1 Apples +1│/);
    await (await bob.client.room('Berries')).send('jan: a berry');
    await terminal.shows(/2 Berries +@1 1│/);
    await isTitled(terminal, '(1) Cherries – Conclave');
    await terminal.keys('M-a');
    await terminal.shows(/^ Berries /);
    await terminal.shows(/1 unread since \d\d:\d\d/);
    await terminal.keys('M-a');
    await terminal.shows(/^ Apples /);
    await isTitled(terminal, 'Apples – Conclave');
    await terminal.keys('C-n', 'C-n');
    await terminal.shows(/^ Cherries /);
    await terminal.keys('M-2');
    await terminal.shows(/^ Berries /);
    await terminal.keys('C-t');
    await terminal.type('chr');
    await terminal.keys('Enter');
    await terminal.shows(/^ Cherries /);
  });

  it('stay unread over a restart, but for the one that is shown', async () => {
    const bob = await chats.person('bob11');
    for (const name of ['Flats', 'Gardens']) await bob.client.create(name);
    {
      await using terminal = await chats.startNew('kim');
      for (const name of ['Flats', 'Gardens']) {
        await terminal.line(`/join ${name}`);
        await terminal.shows(new RegExp(`^ ${name} {2}open room`));
      }
      await terminal.line('/quit');
      expect(await terminal.ended()).toBe(0);
    }
    const [flats, gardens] = [await bob.client.room('Flats'), await bob.client.room('Gardens')];
    await flats.send('for kim');
    await flats.send('for everybody');
    await gardens.send('a rose');
    {
      await using again = chats.start('kim');
      await again.shows(/^ Gardens {2}open room/);
      await again.shows(/1 Flats +@1 2│/);
      await again.line('/quit');
      expect(await again.ended()).toBe(0);
    }
    await using third = chats.start('kim');
    await third.shows(/1 Flats +@1 2│/);
    await third.keys('M-1');
    await third.shows(/2 unread since .*for kim.*for everybody/s);
  });

  it('load only what is shown, and what their numbers need', async () => {
    await using quiet = await ChatFixture.start();
    const asked = async (): Promise<number> =>
      parseMetricsPage(await quiet.gateway.metrics()).value(
        'conclave_requests_total{operation="history",outcome="ok"}',
      ) ?? 0;
    const bob = await quiet.person('bob');
    const names = ['Hills', 'Islands', 'Jetties'];
    for (const name of names) await bob.client.create(name);
    const say = async (name: string, text: string): Promise<unknown> =>
      (await bob.client.room(name)).send(text);
    {
      await using terminal = await quiet.startNew('kai');
      for (const name of names) {
        await terminal.line(`/join ${name}`);
        await terminal.shows(new RegExp(`^ ${name} {2}open room`));
        await say(name, `read in ${name}`);
        await terminal.shows(`read in ${name}`);
      }
      await terminal.line('/quit');
      expect(await terminal.ended()).toBe(0);
    }
    await say('Hills', 'kai: one');
    await say('Hills', 'two');
    const before = await asked();
    await using again = quiet.start('kai');
    await again.shows(/1 Hills +@1 2│.*read in Jetties/s);
    expect(await asked()).toBe(before + 2);
    await again.keys('M-2');
    await again.shows(/beginning of what you can read.*read in Islands/s);
    await again.line('/search read in Hills');
    await again.shows(/in messages kept on this machine.*bob: read in Hills/s);
    await again.keys('Enter');
    await again.shows(/^ Hills .*beginning of what you can read.*read in Hills/s);
    await again.keys('M-End');
    await again.shows(/read in Hills.*2 unread since .*kai: one.*two/s);
    expect(await asked()).toBe(before + 4);
  });

  it('keep what is typed in each, also over a restart', async () => {
    const bob = await chats.person('bob8');
    for (const name of ['Dates', 'Elders']) await bob.client.create(name);
    {
      await using terminal = await chats.startNew('kay');
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
    await using again = chats.start('kay');
    await again.shows(/^ Dates {2}open room/);
    await again.keys('M-2');
    await again.shows('› for the elders');
  });
});

describe('owners', () => {
  it('rule their rooms by commands', async () => {
    const bob = await chats.person('bob9');
    await using terminal = await chats.startNewIn('Court', 'oda');
    await bob.client.join('Court');
    await terminal.shows('○ bob9');
    await terminal.line('/grant bob9');
    await terminal.shows('○ @bob9');
    await terminal.line('/rename Palace');
    await terminal.shows(/^ Palace {2}open room/);
    await terminal.shows('the room Court is now called Palace');
    await terminal.line('/retention 7');
    await terminal.shows('Store messages in Palace for 7 days?');
    await terminal.type('y');
    await terminal.shows('stored 7 days');
    await terminal.line('/password');
    await terminal.shows('New password of Palace');
    await terminal.line('short');
    await terminal.shows('a password has 6 to 60 characters');
    await terminal.keys('C-u');
    await terminal.line('long enough');
    await terminal.shows('Repeat the password');
    await terminal.line('long enough');
    // On a row of his own: among the members he stands in any case.
    await terminal.shows(/Palace has a new password.*│ +bob9 /s);
    await terminal.keys('Enter');
    await terminal.showsNoMore('Palace has a new password');
    await terminal.shows(/^ Palace {2}password room/);
    await terminal.line('/kick bob9 out of hours');
    await terminal.shows(/bob9 was kicked \(by oda, says the server: “out[\s│]+of hours”\)/);
    await expect(bob.client.room('Palace')).rejects.toMatchObject({ code: 'not_a_member' });
    await terminal.line('/delete');
    await terminal.shows('Delete Palace for all of its members?');
    await terminal.line('Palace');
    await terminal.shows('You are not in a room yet.');
  });

  it('are obeyed: who is kicked learns it, keeps what was read, and may come back', async () => {
    const bob = await chats.person('bob10');
    await bob.client.create('Strict');
    const room = await bob.client.room('Strict');
    await using terminal = await chats.startNew('pia', { room: 'Strict' });
    await terminal.shows(/^ Strict {2}open room · 2 of 2 online/);
    await room.send('be good');
    await terminal.shows('be good');
    await terminal.line('/delete');
    await terminal.shows('Only the owner of Strict can use /delete.');
    await terminal.keys('C-u');
    await room.kick('pia', 'a lesson');
    await terminal.shows(
      /you were kicked from this room \(by bob10, says[\s│]+the server: “a lesson”\);[\s│]+\/join/,
    );
    expect(await terminal.screen()).toContain('be good');
    await terminal.line('anybody?');
    await terminal.shows('you are no longer a member of Strict');
    await terminal.keys('C-c');
    await terminal.line('/join');
    await terminal.shows(/^ Strict {2}open room · 2 of 2 online/);
  });
});
