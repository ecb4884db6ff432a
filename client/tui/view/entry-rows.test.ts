import { describe, expect, test } from 'vitest';
import { parseMessageId, parseUserId } from '../../../src/protocol/ids.ts';
import { parseUserName } from '../../../src/protocol/names.ts';
import { textWidth } from '../../terminal/text-width.ts';
import type { MessageEntry } from '../model/entry.ts';
import { EntryRows } from './entry-rows.ts';

function messageOf(from: string): MessageEntry {
  return {
    kind: 'message',
    seq: 1,
    id: parseMessageId('11'.repeat(16)) ?? expect.unreachable(),
    from: parseUserName(from) ?? expect.unreachable(),
    user: parseUserId('22'.repeat(16)) ?? expect.unreachable(),
    at: 0,
    status: 'ok',
    trust: 'pinned',
    text: 'hello there',
    reason: undefined,
    marks: [],
    own: false,
    mention: false,
  };
}

const texts = (from: string, columns: number): readonly string[] =>
  new EntryRows(columns).of(messageOf(from)).map((row) => row.map(({ text }) => text).join(''));

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
