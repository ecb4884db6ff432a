import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

const ESC = '\u001b';

/** Rows of the timeline, one below the other, between the panels. */
const rows = (...patterns: readonly string[]): RegExp => new RegExp(patterns.join('[^\\n]*\\n[^\\n]*│ +'));

describe('a chat', () => {
  it('shows what others write, and they read what is typed', async () => {
    const bob = await chats.person('bob1');
    await bob.client.create('Talk');
    const room = await bob.client.room('Talk');
    await using terminal = await chats.startNew('ann1', { room: 'Talk' });
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

  it('shows answers, edits, reactions and what was taken back, whoever does them', async () => {
    const bob = await chats.person('bob6');
    await bob.client.create('Doings');
    const room = await bob.client.room('Doings');
    await using terminal = await chats.startNew('ann6', { room: 'Doings' });
    await terminal.shows(/Doings {2}open room · 2 of 2 online/);
    const messages = room.follow({ after: 'now' });
    const { id: question } = await room.send('lunch at on?');
    await terminal.shows(/bob6 {2}lunch at on\?/);
    await terminal.line('/reply so do I');
    await terminal.shows(rows('ann6✓ ↳ bob6: lunch at on\\?', 'so do I'));
    await messages.next();
    const { value: answer } = await messages.next();
    expect(answer).toMatchObject({ text: 'so do I', re: question });
    await terminal.line('/react :tada:');
    await terminal.shows(rows('bob6  lunch at on\\?', '🎉 {1,2}1'));
    await terminal.line('/edit me too');
    await terminal.shows(rows('me too', '\\[edited\\]'));
    await room.react(answer.type === 'message' ? answer.id : question, '👍');
    await terminal.shows(rows('me too', '\\[edited\\]', '👍 {1,2}1'));
    await room.edit(question, 'lunch at one?');
    await terminal.shows(rows('lunch at one\\?', '\\[edited\\]', '🎉'));
    await terminal.shows(rows('↳ bob6: lunch at one\\?', 'me too'));
    await room.retract(question);
    await terminal.shows(/bob6 {2}took this message back/);
    expect(await terminal.shows(/↳ a withdrawn message from bob6/)).not.toContain('lunch');
    await terminal.line('/retract');
    await terminal.shows('Take this message back?');
    await terminal.keys('y');
    expect(await terminal.shows(/ann6✓ took this message back/)).not.toContain('me too');
  });

  it('forgets what asks for it once it was on the screen that long, and says where one writes that it does', async () => {
    const bob = await chats.person('bob7');
    await bob.client.create('Passing');
    const room = await bob.client.room('Passing');
    await using terminal = await chats.startNew('ann7', { room: 'Passing' });
    await terminal.shows(/Passing {2}open room · 2 of 2 online/);
    await room.send('the code is 4711', { expires: 10 });
    await terminal.shows(rows('bob7  the code is 4711', '\\[disappears after 10s\\]'));
    await terminal.shows(/bob7 {2}this message has disappeared/);
    await room.setLife(7_200);
    await terminal.shows(/bob7 set messages here to disappear 2h after/);
    await terminal.shows('what you write disappears after 2h');
    await terminal.line('/disappear 1h');
    await terminal.shows('what you write disappears after 1h');
    const messages = room.follow({ after: 'now' });
    await terminal.line('in an hour');
    expect((await messages.next()).value).toMatchObject({ text: 'in an hour', expires: 3_600 });
    expect(await terminal.shows(rows('ann7✓ in an hour', '\\[disappears after 1h\\]'))).not.toContain('4711');
    await terminal.line('/search 4711');
    await terminal.shows('no message kept on this machine contains this text');
  });

  it('asks once for the password of a room that may not exist, and again when it is told to', async () => {
    const bob = await chats.person('bob2');
    await bob.client.create('Secret', { password: 'open sesame' });
    await using terminal = await chats.startNew('ann2');
    await terminal.line('/join Secret');
    await terminal.shows("Secret is locked, or doesn't exist. Password:");
    await terminal.line('open barley');
    await terminal.shows("wrong password, or there's no room called Secret");
    await terminal.shows('› /join Secret');
    await terminal.keys('Enter');
    await terminal.shows("Secret is locked, or doesn't exist. Password:");
    await terminal.line('open sesame');
    await terminal.shows(/Secret {2}password room/);
    await (await bob.client.room('Secret')).send('you are in');
    expect(await terminal.shows(/bob2 {2}you are in/)).not.toContain('sesame');
  });

  it('loads history page by page while one scrolls up, and goes on below', async () => {
    const bob = await chats.person('bob3');
    await bob.client.create('Long');
    const room = await bob.client.room('Long');
    await using terminal = await chats.startNew('ann3', { room: 'Long' });
    await terminal.shows(/Long {2}open room/);
    await Promise.all(Array.from({ length: 250 }, (_, at) => room.send(`first ${at}`)));
    await terminal.line('/quit');
    await terminal.ended();
    await Promise.all(Array.from({ length: 250 }, (_, at) => room.send(`then ${at}`)));

    await using again = chats.start('ann3');
    await again.shows('then 249');
    await eventually(
      async () => {
        await again.keys('PageUp', 'PageUp', 'PageUp');
        expect(await again.screen()).toContain('beginning of what you can read');
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
    const mallory = await chats.person('mallory');
    await mallory.client.create('Trap');
    const room = await mallory.client.room('Trap');
    await using terminal = await chats.startNew('ann4', { room: 'Trap', columns: 160 });
    await terminal.shows(/Trap {2}open room/);
    await room.send('\u001b[2J\u001b]2;owned\u0007\u202Ereversed\u0000 end');
    const screen = await terminal.shows('<U+001B>[2J<U+001B>]2;owned<U+0007><U+202E>reversed<U+0000> end');
    expect(screen).toMatch(/^ Trap/);
    expect(await terminal.fact('pane_title')).not.toContain('owned');
  });

  it('draws itself anew in another size', async () => {
    const bob = await chats.person('bob5');
    await bob.client.create('Sizes');
    await bob.client.room('Sizes');
    await using terminal = await chats.startNew('ann5', { room: 'Sizes', columns: 80, rows: 24 });
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

describe('reading', () => {
  it('leaves out whom one ignores, behind one line, until one no longer does', async () => {
    const bob = await chats.person('noisy');
    await using terminal = await chats.startNewIn('Quiet', 'lea');
    await bob.client.join('Quiet');
    const room = await bob.client.room('Quiet');
    await room.send('noise one');
    await room.send('noise two');
    await terminal.shows('noise two');
    await terminal.line('/ignore noisy');
    await terminal.shows('2 ignored messages from noisy');
    expect(await terminal.screen()).not.toContain('noise one');
    await terminal.line('/ignore noisy');
    await terminal.shows('noise one');
  });

  it('counts nothing of whom one ignores', async () => {
    const [noisy, friend] = [await chats.person('loud'), await chats.person('friend')];
    await using terminal = await chats.startNewIn('Quarrel', 'liz');
    await terminal.line('/create Elsewhere');
    await terminal.shows(/^ Elsewhere {2}open room/);
    for (const { client } of [noisy, friend]) await client.join('Quarrel');
    const room = await noisy.client.room('Quarrel');
    await room.send('liz!');
    await room.send('LIZ!!');
    await terminal.shows(/2 Quarrel +@2 2│/);
    await terminal.line('/ignore loud');
    await terminal.shows(/2 Quarrel +│/);
    await eventually(async () => expect(await terminal.fact('pane_title')).toBe('Elsewhere – Conclave'));
    await room.send('liz, listen');
    await (await friend.client.room('Quarrel')).send('peace at last');
    await terminal.shows(/2 Quarrel +1│/);
    await terminal.keys('M-a');
    await terminal.shows('3 ignored messages from loud');
  });

  it('shows the keys and commands, and finds in them', async () => {
    await using terminal = await chats.startNew('max');
    await terminal.keys('F1');
    await terminal.shows('Help: type to search');
    await terminal.type('safety');
    expect(await terminal.shows(/› safety *\n.*\/verify USER/s)).not.toContain('/join');
    await terminal.keys('Escape');
    await terminal.shows('You are not in a room yet.');
  });

  it('has no colours where NO_COLOR asks for none', async () => {
    await using terminal = await chats.startNew('nia', { env: { NO_COLOR: '1' } });
    await terminal.line('/create Grey');
    await terminal.shows(/^ Grey /);
    const screen = await terminal.styledScreen();
    const styles = new RegExp(`${ESC}\\[([\\d;]*)m`, 'g');
    const codes = [...screen.matchAll(styles)].flatMap(([, code = '']) => code.split(';'));
    expect(codes.length).toBeGreaterThan(0);
    await terminal.line('/quit');
    await terminal.ended();
    expect(await terminal.screen()).not.toContain('Warning');
    for (const code of codes) expect(['', '0', '1', '2', '7', '22', '27', '39', '49']).toContain(code);
  });
});
