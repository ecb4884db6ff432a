import { describe, expect, test } from 'vitest';
import {
  ada,
  messageOf,
  messagesAfter,
  NOON,
  roomIdOf,
  sampleModel,
  userName,
} from '../../../test/support/chat/sample-model.ts';
import type { Entry } from '../../chat/model/entry.ts';
import { activeRoom, type Model, withIgnored, withRoom } from '../../chat/model/model.ts';
import { echoed, received, receivedOlder, scrolled } from '../../chat/model/room-changes.ts';
import type { Anchor, ReadLine } from '../../chat/model/room-model.ts';
import { EntryRows } from './entry-rows.ts';
import { middleEntry, scrolledAnchor, type ViewportOptions, visibleRows } from './viewport.ts';

const lobby = roomIdOf(0);
const DAY_MS = 24 * 60 * 60 * 1000;

function viewport(model: Model, height = 10, columns = 60): ViewportOptions {
  const room = activeRoom(model);
  if (room === undefined) throw new TypeError('no room is shown');
  return { room, ignored: model.ignored, rows: new EntryRows(columns), height };
}

function shown(model: Model, height?: number, columns?: number): readonly string[] {
  return visibleRows(viewport(model, height, columns)).map((row) =>
    row
      .map(({ text }) => text)
      .join('')
      .trim(),
  );
}

function scrolledBy(
  model: Model,
  rows: number,
  height = 10,
): { readonly model: Model; readonly atTop: boolean } {
  const { anchor, atTop } = scrolledAnchor(viewport(model, height), rows);
  return { model: scrolled(model, lobby, anchor), atTop };
}

const lineAfter = (after: number): ReadLine => ({
  after,
  through: 100,
  unread: 7,
  mayHaveMore: false,
  since: NOON,
});

const hundred = (): Model =>
  receivedOlder(sampleModel(['Lobby'], 100), lobby, {
    messages: messagesAfter(0, 100),
    through: 1,
    more: false,
  });

describe('the rows on the screen', () => {
  test('end with the newest, and name each day once', () => {
    const messages = [messageOf(1, 'old', { at: NOON - DAY_MS }), messageOf(2, 'new'), messageOf(3, 'newer')];
    expect(shown(received(sampleModel(), lobby, messages))).toEqual([
      'beginning of what you can read',
      expect.stringMatching(/^─+ Monday 2 March 2026 ─+$/),
      expect.stringMatching(/^12:00 +bob +old$/),
      expect.stringMatching(/^─+ Tuesday 3 March 2026 ─+$/),
      expect.stringMatching(/^12:00 +bob +new$/),
      expect.stringMatching(/^12:00 +bob +newer$/),
    ]);
  });

  test('ask for what is older only where something may be', () => {
    const [first] = shown(received(sampleModel(['Lobby'], 9), lobby, messagesAfter(9, 1)));
    expect(first).toBe('PageUp loads older messages');
    const loaded = receivedOlder(sampleModel(['Lobby'], 1), lobby, {
      messages: messagesAfter(0, 1),
      through: 1,
      more: true,
    });
    expect(shown(loaded)[0]).toBe('beginning of what you can read');
  });

  test('invite to write where nothing can be read', () => {
    const empty = withRoom(sampleModel(), lobby, (room) => ({ ...room, open: true }));
    expect(shown(empty)).toEqual(['no messages you can read yet: write one']);
    const unknown = withRoom(sampleModel(['Lobby'], 9), lobby, (room) => ({ ...room, open: true }));
    expect(shown(unknown)).toEqual([]);
  });

  test('wrap long texts beside the name, and keep lines of several', () => {
    const rows = shown(
      received(sampleModel(), lobby, [messageOf(1, 'a text that needs some rows\nsecond line')]),
      10,
      40,
    );
    expect(rows.slice(2)).toEqual([
      expect.stringMatching(/bob +a text that needs some$/),
      'rows',
      'second line',
    ]);
  });

  test('stand below the name where there is no room beside it, and lose nothing', () => {
    const model = received(sampleModel(), lobby, [messageOf(1, 'hello in there, how are you?')]);
    expect(shown(model, 10, 19).slice(-3)).toEqual([
      expect.stringMatching(/^12:00 +bob$/),
      '│ hello in there,',
      '│ how are you?',
    ]);
    expect(shown(withIgnored(model, new Set(['bob'])), 10, 19).slice(-2)).toEqual([
      '│ 1 ignored message',
      '│ from bob',
    ]);
  });

  test('mark what did not open with its reason, and never as text', () => {
    const forged = messageOf(1, 'hidden', {
      status: 'forged',
      reason: 'not by an accepted key of the sender',
    });
    const differing = messageOf(2, 'odd', { marks: ['recipients_differ'] });
    const rows = shown(received(sampleModel(), lobby, [forged, differing]), 10, 90);
    expect(rows.join('\n')).not.toContain('hidden');
    expect(rows).toContainEqual(expect.stringMatching(/bob! forged: not by an accepted key of the sender$/));
    expect(rows).toContainEqual('[encrypted for people other than the members]');
  });

  test('show hostile text without obeying it', () => {
    const rows = shown(received(sampleModel(), lobby, [messageOf(1, '\u001b[2J\u202Eevil')]));
    expect(rows.at(-1)).toContain('<U+001B>[2J<U+202E>evil');
  });

  const echo = {
    key: 1,
    id: undefined,
    answers: undefined,
    from: ada.user,
    text: 'mine',
    at: NOON,
    reason: undefined,
  } as const;

  test('tell what of one’s own is pending, sent and failed', () => {
    expect(shown(echoed(sampleModel(), lobby, { ...echo, state: 'pending' })).at(-1)).toMatch(/›ada… mine$/);
    const failed = shown(echoed(sampleModel(), lobby, { ...echo, state: 'failed', reason: 'too long' }));
    expect(failed.slice(-2)).toEqual([
      expect.stringMatching(/›ada✗ mine$/),
      'not sent: too long (Alt+R tries again)',
    ]);
    expect(shown(received(sampleModel(), lobby, [messageOf(1, 'mine', { from: 0 })])).at(-1)).toMatch(
      /›ada✓ mine$/,
    );
  });

  test('mark what is one’s own as no name can, whatever others are called and write', () => {
    const others = ['you', 'ada', 'self'].flatMap((name, at) =>
      ['hi', '/me waves', '›ada✓ hi', '\n12:00 ›ada✓ hi', 'x\n›ada✓ hi'].map((text, n) => ({
        ...messageOf(5 * at + n + 1, text, { from: 2 }),
        from: userName(name),
      })),
    );
    const forged = messageOf(50, 'hi', { from: 0, status: 'forged' });
    const own = (model: Model): readonly string[] =>
      visibleRows(viewport(model, 200))
        .map((row) => row.map(({ text }) => text).join(''))
        .filter((row) => /^\d\d:\d\d +›/.test(row));
    expect(own(received(sampleModel(), lobby, [...others, forged]))).toEqual([]);
    for (const text of ['hi', '/me waves']) {
      expect(own(echoed(sampleModel(), lobby, { ...echo, text, state: 'pending' }))).toHaveLength(1);
      expect(own(received(sampleModel(), lobby, [messageOf(1, text, { from: 0 })]))).toHaveLength(1);
    }
  });

  test('hide a run of messages of people ignored behind one line, which says whose they are', () => {
    const messages = [
      messageOf(1, 'x'),
      messageOf(2, 'y'),
      messageOf(3, 'z', { from: 2 }),
      messageOf(4, 'w'),
    ];
    const model = received(sampleModel(), lobby, messages);
    expect(shown(withIgnored(model, new Set(['bob']))).slice(2)).toEqual([
      '2 ignored messages from bob',
      expect.stringContaining('z'),
      '1 ignored message from bob',
    ]);
    expect(shown(withIgnored(model, new Set(['bob', 'user2']))).slice(2)).toEqual([
      '4 ignored messages from 2 people',
    ]);
  });

  test('say how far was read before', () => {
    const model = { ...hundred() };
    const rooms = model.rooms.map((room) => ({ ...room, readLine: lineAfter(98) }));
    expect(shown({ ...model, rooms }, 4)).toEqual([
      expect.stringContaining('message 98'),
      expect.stringMatching(/^─+ 7 unread since 12:00 ─+$/),
      expect.stringContaining('message 99'),
      expect.stringContaining('message 100'),
    ]);
  });
});

describe('scrolling', () => {
  test('goes up to the first row and back to the bottom, row by row the same', () => {
    const model = hundred();
    const up = scrolledBy(model, 8);
    expect(shown(up.model).at(-1)).toContain('message 92');
    expect(up.atTop).toBe(false);
    const top = scrolledBy(up.model, 1_000);
    expect(top.atTop).toBe(true);
    expect(shown(top.model)[0]).toBe('beginning of what you can read');
    expect(shown(top.model)).toHaveLength(10);
    const down = scrolledBy(scrolledBy(top.model, -3).model, 3);
    expect(shown(down.model)).toEqual(shown(top.model));
    expect(activeRoom(scrolledBy(top.model, -1_000).model)?.anchor).toBeUndefined();
  });

  test('keeps its place while messages come, and pages are loaded above', () => {
    const start = receivedOlder(sampleModel(['Lobby'], 100), lobby, {
      messages: messagesAfter(50, 50),
      through: 51,
      more: true,
    });
    const up = scrolledBy(start, 20).model;
    const before = shown(up);
    const more = receivedOlder(received(up, lobby, messagesAfter(100, 5)), lobby, {
      messages: messagesAfter(0, 50),
      through: 1,
      more: false,
    });
    expect(shown(more)).toEqual(before);
    expect(activeRoom(more)?.below).toBe(5);
  });

  test('does nothing where everything is on the screen', () => {
    const model = received(sampleModel(), lobby, messagesAfter(0, 3));
    expect(scrolledAnchor(viewport(model), 5)).toEqual({ anchor: undefined, atTop: true });
    expect(scrolledAnchor(viewport(sampleModel()), 5)).toEqual({ anchor: undefined, atTop: true });
  });
});

describe('an entry that was jumped to', () => {
  const model = hundred();
  const entry = (seq: number): Entry => activeRoom(model)?.timeline.entries[seq - 1] ?? expect.unreachable();
  const at = (seq: number, block: Anchor['block']): Model =>
    scrolled(model, lobby, { item: entry(seq), block, offset: 0 });

  test('stands first, in the middle or last on the screen, as it was wanted', () => {
    expect(shown(at(20, 'start'))[0]).toContain('message 20');
    expect(shown(at(20, 'center'))[4]).toContain('message 20');
    expect(shown(at(20, 'end'))[9]).toContain('message 20');
  });

  test('has no empty rows below it where too little follows', () => {
    expect(shown(at(98, 'start'))).toEqual(shown(model));
    expect(scrolledAnchor(viewport(at(98, 'start')), 0).anchor).toBeUndefined();
    expect(shown(at(98, 'center')).at(-1)).toContain('message 98');
    expect(shown(at(1, 'center'))[0]).toBe('beginning of what you can read');
  });

  test('is where the next one is looked for, else what is in the middle of the screen', () => {
    expect(middleEntry(viewport(at(98, 'center')))).toBe(entry(98));
    expect(middleEntry(viewport(at(50, 'end')))).toBe(entry(45));
    expect(middleEntry(viewport(model))).toBeUndefined();
  });
});
