import { describe, expect, test } from 'vitest';
import { parseMessageId, parseUserId } from '../../../src/protocol/ids.ts';
import { parseUserName } from '../../../src/protocol/names.ts';
import type { MessageEntry } from '../../chat/model/entry.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { EntryRows } from './entry-rows.ts';

function messageOf(from: string, others: Partial<MessageEntry> = {}): MessageEntry {
  return {
    kind: 'message',
    seq: 1,
    id: parseMessageId('11'.repeat(16)) ?? expect.unreachable(),
    from: parseUserName(from) ?? expect.unreachable(),
    user: parseUserId('22'.repeat(16)) ?? expect.unreachable(),
    at: 0,
    sentAt: undefined,
    status: 'ok',
    trust: 'pinned',
    text: 'hello there',
    reason: undefined,
    marks: [],
    own: false,
    mention: false,
    ...others,
  };
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
    expect(rows[2]).toContain('more than a day away');
  });

  test('may be any number', () => {
    for (const sentAt of [0, Number.MAX_SAFE_INTEGER])
      expect(texts('bob', 80, { at, sentAt })[1]).toContain('[written ');
  });
});
