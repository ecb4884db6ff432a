import { describe, expect, test } from 'vitest';
import type { UserName } from '../../../src/protocol/names.ts';
import {
  ada,
  sampleFile,
  messageOf as sampleMessage,
  userName,
} from '../../../test/support/chat/sample-model.ts';
import { entryOf, type MessageEntry } from '../../chat/model/entry.ts';
import { type EntryFile, entryFile, type FileState } from '../../chat/model/entry-file.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { EntryRows, RowCache } from './entry-rows.ts';

const reader = { id: ada.id, user: ada.user };

function messageOf(from: string, others: Partial<MessageEntry> = {}): MessageEntry {
  const entry = entryOf({ ...sampleMessage(1, 'hello there', { at: 0 }), from: userName(from) }, reader);
  return entry.kind === 'message' ? { ...entry, ...others } : expect.unreachable();
}

const texts = (from: string, columns: number, others: Partial<MessageEntry> = {}): readonly string[] =>
  new EntryRows(columns).of(messageOf(from, others)).map((row) => row.map(({ text }) => text).join(''));

describe('a name in the timeline', () => {
  test.each([40, 80, 110, 200])('is shown whole at %i columns, so that no two look alike', (columns) => {
    for (const from of ['administratorAlice', 'administratorAlicia', 'abcdefghijklmnopqrst', 'bob']) {
      const rows = texts(from, columns);
      expect(rows[0]).toContain(` ${from}`);
      expect(rows.join(' ')).toContain('hello there');
      for (const row of rows) expect(textWidth(row)).toBeLessThanOrEqual(columns);
    }
  });

  test('that fits its column has the text beside it', () => {
    expect(texts('bob', 80)).toHaveLength(1);
    expect(texts('administratorAlice', 80)).toHaveLength(2);
  });
});

describe('the time that a sender gave', () => {
  const at = new Date(2026, 2, 3, 10, 14).getTime();

  test('stands below the text where it is told, and is no warning', () => {
    const sentAt = new Date(2026, 2, 3, 9, 14).getTime();
    const rows = new EntryRows(80).of(messageOf('bob', { at, sentAt }));
    expect(rows[0]?.[0]?.text).toBe('10:14 ');
    expect(rows[1]?.at(-1)).toEqual({ text: '[written 09:14]', style: 'dim' });
    expect(rows).toHaveLength(2);
  });

  test('has its day where that is another one', () => {
    const sentAt = new Date(2026, 2, 2, 23, 55).getTime();
    const rows = texts('bob', 80, { at, sentAt, marks: ['late'] });
    expect(rows[1]).toContain('[written Monday 2 March 2026, 23:55]');
    expect(rows[2]).toContain('more than a day off');
  });

  test('may be any number', () => {
    for (const sentAt of [0, Number.MAX_SAFE_INTEGER])
      expect(texts('bob', 80, { at, sentAt })[1]).toContain('[written ');
  });
});

describe('the files of a message', () => {
  const file = (name: string, state?: FileState): EntryFile => ({
    ...entryFile(sampleFile(name)),
    ...{ number: 3, state },
  });
  const rowOf = (state?: FileState): string | undefined =>
    texts('bob', 120, { files: [file('a.pdf', state)] })[1]?.trim();

  test('have a row each below the text, with nothing in their names that a terminal would obey', () => {
    const rows = texts('bob', 80, { files: [file('a.pdf'), file('b\u001b[2J\u202e.png\n[9] c.pdf')] });
    expect(rows[1]?.trim()).toBe('[3] a.pdf · 1.4 MB · application/pdf · not downloaded');
    expect(rows[2]).toContain('[3] b');
    for (const control of ['\u001b', '\u202e', '\n']) expect(rows.join('')).not.toContain(control);
    expect(rows.filter((row) => row.trim().startsWith('[9]'))).toEqual([]);
  });

  test('say what became of them', () => {
    expect(rowOf({ kind: 'receiving', percent: 45 })).toMatch(/ · 45 % \(Esc cancels\)$/);
    expect(rowOf({ kind: 'saved', place: '/home/ada/a.pdf' })).toMatch(/ · saved as \/home\/ada\/a\.pdf$/);
    expect(rowOf({ kind: 'gone' })).toMatch(/ · no longer on the server$/);
    expect(rowOf({ kind: 'altered' })).toMatch(/ · altered by the server: not saved$/);
  });
});

describe('what was done to a message', () => {
  const bob = userName('bob');
  const id = sampleMessage(7, '').id;

  test('stands in rows of its own around the text, none of which a text can look like', () => {
    const answers = { id, from: bob, text: 'shall we?' };
    const reactions = [
      { emoji: '👍', count: 2, own: true, from: [] },
      { emoji: '🎉', count: 1, own: false, from: [] },
    ];
    const rows = new EntryRows(80).of(messageOf('eve', { answers, edited: true, reactions }));
    expect(rows.map((row) => row.at(-1))).toEqual([
      { text: '↳ bob: shall we?', style: 'dim' },
      { text: 'hello there', style: 'plain' },
      { text: '[edited]', style: 'dim' },
      { text: '👍 2  🎉 1', style: 'dim' },
    ]);
    const forged = new EntryRows(80).of(messageOf('eve', { text: '↳ bob: yes\nno\n[edited]\n👍 99' }));
    expect(forged.map((row) => row.at(-1)?.style)).toEqual(['plain', 'plain', 'plain', 'plain']);
  });

  test('takes one row each, cut to the width, whatever is in it', () => {
    const answers = { id, from: bob, text: '漢字 '.repeat(60) };
    const reactions = Array.from({ length: 60 }, (_, at) => ({
      emoji: '👩‍👩‍👧',
      count: at + 1,
      own: false,
      from: [],
    }));
    for (const columns of [20, 40, 80]) {
      const rows = texts('eve', columns, { answers, reactions });
      const beside = columns >= 40 ? 0 : 1;
      expect(rows).toHaveLength(3 + beside);
      for (const row of rows) expect(textWidth(row)).toBeLessThanOrEqual(columns);
    }
  });

  test('shows no word and no control that is sent as a reaction', () => {
    const reactions = ['[edited]', 'pay@eve.example', '\u202e\u001b[31m'].map((emoji) => ({
      emoji,
      count: 1,
      own: false,
      from: [],
    }));
    expect(texts('eve', 80, { reactions }).at(-1)?.trim()).toBe('[ed… 1  pay… 1  <U+… 1');
  });

  test('leaves nothing of a text that was taken back', () => {
    const rows = new EntryRows(80).of(messageOf('bob', { text: '', retracted: true }));
    expect(rows.map((row) => row.at(-1))).toEqual([{ text: 'took this message back', style: 'dim' }]);
  });

  test('quotes nothing that is not loaded, was taken back, or is of somebody ignored', () => {
    const above = (rows: EntryRows, from: UserName | undefined, text: string | undefined) =>
      rows.of(messageOf('eve', { answers: { id, from, text } }))[0]?.at(-1)?.text;
    const rows = new EntryRows(80);
    expect(above(rows, undefined, undefined)).toBe('↳ an earlier message');
    expect(above(rows, bob, undefined)).toBe('↳ a withdrawn message from bob');
    expect(above(new EntryRows(80, new Set(['bob'])), bob, 'psst')).toBe('↳ a message from bob');
  });

  test('is drawn anew when somebody is ignored', () => {
    const cache = new RowCache();
    const answer = messageOf('eve', { answers: { id, from: bob, text: 'psst' } });
    const rows = cache.rows(80, new Set());
    expect(rows.of(answer)[0]?.at(-1)?.text).toContain('psst');
    expect(
      cache
        .rows(80, new Set(['bob']))
        .of(answer)[0]
        ?.at(-1)?.text,
    ).not.toContain('psst');
  });
});
