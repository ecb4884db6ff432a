import { describe, expect, test } from 'vitest';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import {
  ada,
  messageOf,
  messagesAfter,
  NOON,
  roomIdOf,
  roomName,
  sampleModel,
  userIdOf,
  userName,
} from '../../../test/support/chat/sample-model.ts';
import { InkView } from '../../../test/support/tui/ink-view.ts';
import { screenOf } from '../../../test/support/tui/screen-of.ts';
import { type Model, type Notice, withRoom } from '../../chat/model/model.ts';
import { echoed, received } from '../../chat/model/room-changes.ts';
import type { Member } from '../../sdk/rooms/room.ts';
import { textWidth } from '../../terminal/text-width.ts';
import type { CursorPlace } from '../screen/frame-writer.ts';
import type { ScreenModel } from '../screen-model.ts';
import { RowCache } from './entry-rows.ts';
import type { ThemeName } from './theme.ts';

const lobby = roomIdOf(0);
const ESC = '\u001b';
const styles = new RegExp(`${ESC}\\[[\\d;]*m`, 'g');

type Size = ScreenModel['size'];

interface Drawn {
  readonly styled: string;
  readonly lines: readonly string[];
  readonly cursor: CursorPlace | undefined;
}

function drawn(model: Model, size?: Size, theme: ThemeName = 'dark'): Drawn {
  let result: Drawn = { styled: '', lines: [], cursor: undefined };
  const view = new InkView(
    {
      draw: (styled, cursor) => {
        result = { styled, lines: styled.replace(styles, '').split('\n'), cursor };
      },
    },
    process.stdout,
    { look: { theme, links: false }, cache: new RowCache() },
  );
  view.draw(screenOf(model, size && { size }));
  view.close();
  return result;
}

const members: readonly Member[] = [
  { user: userName('ada'), id: userIdOf(0), role: 'owner', online: true, trust: 'verified' },
  { user: userName('bob'), id: userIdOf(1), role: 'member', online: false, trust: 'changed' },
];

function busy(): Model {
  const model = withRoom(sampleModel(['Lobby', 'Ops', 'Zoo']), lobby, (room) => ({
    ...room,
    open: true,
    members,
    online: 1,
    settings: { ...room.settings, retentionHours: 30 * 24, locked: true },
  }));
  return received(received(model, lobby, messagesAfter(0, 100)), roomIdOf(1), [
    messageOf(1, 'hi ada', { room: roomName('Ops') }),
    messageOf(2, 'and more', { room: roomName('Ops') }),
  ]);
}

describe('the screen', () => {
  test.each([
    { columns: 80, rows: 24 },
    { columns: 200, rows: 60 },
    { columns: 40, rows: 10 },
  ])('fills $columns × $rows exactly, input last', (size) => {
    const { lines, cursor } = drawn(busy(), size);
    expect(lines).toHaveLength(size.rows);
    for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(size.columns);
    expect(lines[0]).toMatch(/^ Lobby {2}password room · 1 of 2 online/);
    expect(lines.at(-1)).toMatch(/^›/);
    expect(lines.at(-3)).toContain('message 100');
    expect(cursor).toEqual({ row: size.rows - 1, column: 2 });
  });

  test.each([
    { columns: 20, rows: 5 },
    { columns: 10, rows: 3 },
    { columns: 5, rows: 2 },
    { columns: 1, rows: 1 },
  ])('has what is typed in its last row on $columns × $rows', (size) => {
    const typed = 'a long line that is typed in a small terminal and goes on';
    const model = withRoom(busy(), lobby, (room) => ({ ...room, draft: typed }));
    const { lines, cursor } = drawn(model, size);
    expect(lines.length).toBeLessThanOrEqual(size.rows);
    expect(cursor?.row).toBe(lines.length - 1);
    if (size.columns >= 10) expect(lines.at(-1)).toMatch(/on$/);
  });

  test('lists rooms with what is unread and mentions, and members with presence, role and trust', () => {
    const { lines } = drawn(busy(), { columns: 120, rows: 24 });
    const text = lines.join('\n');
    expect(lines[1]).toMatch(/^1 Lobby\* +│.+│ 1 of 2 online/);
    expect(lines[2]).toMatch(/^2 Ops +@1 2│.+│ ● ~ada ✓/);
    expect(lines[3]).toMatch(/^3 Zoo +│.+│ ○ bob !/);
    expect(text).toContain('key of bob changed: sending stopped');
  });

  test('gives the timeline the whole width where there is little', () => {
    const { lines } = drawn(busy(), { columns: 40, rows: 10 });
    expect(lines.join('\n')).not.toContain('│');
  });

  test('grows the input with its lines, up to a part of the screen', () => {
    const typed = 'a\nb\nc\nd\ne\nf\ng\nh';
    const model = withRoom(busy(), lobby, (room) => ({
      ...room,
      draft: typed,
    }));
    const { lines, cursor } = drawn(model);
    expect(lines).toHaveLength(24);
    expect(lines.slice(-6).map((line) => line.trim())).toEqual(['c', 'd', 'e', 'f', 'g', 'h']);
    expect(cursor).toEqual({ row: 23, column: 3 });
  });

  test('measures wide characters and joined emoji as a terminal does', () => {
    const model = withRoom(
      received(sampleModel(), lobby, [messageOf(1, '日本語 👩‍👩‍👧 end')]),
      lobby,
      (room) => ({
        ...room,
        draft: '日本',
      }),
    );
    const { lines, cursor } = drawn(model, { columns: 120, rows: 24 });
    const row = lines.find((line) => line.includes('日本語'));
    expect(row).toMatch(/日本語 👩‍👩‍👧 end/);
    expect(cursor).toEqual({ row: 23, column: 6 });
  });

  test('has no colours with the theme for NO_COLOR, and only the sixteen of the terminal otherwise', () => {
    const codes = (theme: ThemeName): readonly string[] =>
      [...drawn(busy(), { columns: 120, rows: 24 }, theme).styled.matchAll(styles)].flatMap(([code]) =>
        code.slice(2, -1).split(';'),
      );
    for (const code of codes('none')) expect(['0', '1', '2', '7', '22', '27', '']).toContain(code);
    for (const theme of ['dark', 'light'] as const) {
      expect(codes(theme).some((code) => /^(3|4|9|10)[0-7]$/.test(code))).toBe(true);
      for (const code of codes(theme)) expect(['38', '48']).not.toContain(code);
    }
  });

  test('says that somebody is in no room once that is known', () => {
    const model = { ...sampleModel([]), start: { lines: [], busy: 'loading your rooms …' } };
    expect(drawn(model).lines.join('\n')).toMatch(/^ Conclave .*loading your rooms …/s);
    expect(drawn(model).lines.join('\n')).not.toContain('in a room yet');
    expect(drawn(sampleModel([])).lines.join('\n')).toContain('You are not in a room yet.');
  });

  test('counts down while there is no connection, and says what waits before it says why', () => {
    const echo = {
      key: 1,
      id: undefined,
      answers: undefined,
      from: ada.user,
      text: 'x',
      at: NOON,
      reason: undefined,
    } as const;
    const status = (columns: number): string | undefined => {
      const model = received(sampleModel(['Lobby']), lobby, messagesAfter(0, 3));
      const reason = 'nothing\u202E answers at chat.example.org:8443';
      const waiting = { state: 'waiting', until: model.now + 4_200, reason } as const;
      const pending = echoed(model, lobby, { ...echo, state: 'pending' });
      return drawn({ ...pending, connection: waiting }, { columns, rows: 24 }).lines.at(-2);
    };
    expect(status(120)).toContain(
      ' ○ offline, next try in 5 s · F5 tries now · nothing<U+202E> answers at chat.example.org:8443 · 1 pending',
    );
    expect(status(80)).toContain(' ○ offline, next try in 5 s · F5 tries now · 1 pending');
    expect(status(40)).toContain(' ○ offline, next try in 5 s · 1 pending');
  });

  test('has three rows for what is said, newest first, and more for the timeline where it is low', () => {
    const say = (text: string): Notice => ({ text, tone: 'warning', stays: 'while-reading' });
    const notices = [say('an older one'), say('a warning of so many words that it takes more than one row')];
    const rows = (columns: number, height: number): readonly string[] =>
      drawn({ ...busy(), notices }, { columns, rows: height }).lines.slice(2 - height);
    expect(rows(40, 10).slice(-4)).toEqual([
      ' a warning of so many words that it',
      ' takes more than one row',
      ' an older one',
      '› ',
    ]);
    expect(rows(40, 5).slice(-2)).toEqual([' a warning of so many words that it …', '› ']);
  });

  test('says that a server on another machine is without TLS', () => {
    const model = busy();
    const at = (server: string): string | undefined =>
      drawn(
        {
          ...model,
          connection: { state: 'online', roundTripMs: 3 },
          me: model.me && { ...model.me, server: parseOrigin(server) ?? expect.unreachable() },
        },
        { columns: 120, rows: 24 },
      ).lines.at(-2);
    expect(at('ws://chat.example.org')).toContain('● connected 3 ms, without TLS');
    expect(at('wss://chat.example.org')).not.toContain('without TLS');
    expect(at('ws://127.0.0.1:8080')).not.toContain('without TLS');
  });

  test('shows a question in the place of the timeline, with the cursor in it and a hidden secret', () => {
    const dialog = {
      kind: 'prompt',
      number: 1,
      title: 'Password of Lobby',
      about: [],
      masked: true,
      text: 'secret',
      remark: 'this is not the password',
      leaving: 'cancel',
    } as const;
    const { lines, cursor } = drawn({ ...busy(), dialog });
    const text = lines.join('\n');
    expect(text).toContain('› ••••••');
    expect(text).not.toContain('secret');
    expect(text).toContain('this is not the password');
    const row = lines.findIndex((line) => line.includes('••••••'));
    expect(cursor).toEqual({ row, column: (lines[row] ?? '').indexOf('›') + 8 });
  });
});
