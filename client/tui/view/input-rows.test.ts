import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../terminal/text-width.ts';
import { editorView } from './input-rows.ts';

function view(marked: string, columns: number): [rows: readonly string[], row: number, column: number] {
  const { rows, cursorRow, cursorColumn } = editorView(
    { text: marked.replace('|', ''), cursor: marked.indexOf('|') },
    columns,
  );
  return [rows, cursorRow, cursorColumn];
}

describe('an input on the screen', () => {
  it('shows its rows and where the cursor is', () => {
    expect(view('|', 10)).toEqual([[''], 0, 0]);
    expect(view('hello|', 10)).toEqual([['hello'], 0, 5]);
    expect(view('one\ntw|o', 10)).toEqual([['one', 'two'], 1, 2]);
    expect(view('one\n|', 10)).toEqual([['one', ''], 1, 0]);
    expect(view('日本|語', 10)).toEqual([['日本語'], 0, 4]);
  });

  it('wraps, and leaves a column for the cursor', () => {
    expect(view('hello wor|ld', 9)).toEqual([['hello', 'world'], 1, 3]);
    expect(view('12345678|', 9)).toEqual([['12345678'], 0, 8]);
    expect(view('123456789|', 9)).toEqual([['12345678', '9'], 1, 1]);
    expect(view('|123456789', 9)).toEqual([['12345678', '9'], 0, 0]);
  });

  it('shows what was pasted instead of obeying it, and the cursor where it belongs', () => {
    expect(view('a\u202eb|c', 20)).toEqual([['a<U+202E>bc'], 0, 10]);
    expect(view('\t|x', 20)).toEqual([['    x'], 0, 4]);
    expect(view('می\u200cخ|', 20)).toEqual([['می\u200cخ'], 0, 3]);
  });

  it('has the cursor on the screen, whatever the text', () => {
    const part = fc.constantFrom(
      'a',
      ' ',
      '     ',
      '\n',
      'word',
      '日',
      '👩‍👩‍👧',
      '\u200d',
      '\u0301',
      '\u202e',
      '\t',
      'ﾞ',
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 30 }),
        fc.nat(),
        fc.integer({ min: 5, max: 20 }),
        (parts, at, columns) => {
          const text = parts.join('');
          const borders = [...new Intl.Segmenter().segment(text)].map(({ index }) => index);
          const cursor = [...borders, text.length][at % (borders.length + 1)] ?? 0;
          const { rows, cursorRow, cursorColumn } = editorView({ text, cursor }, columns);
          expect(cursorColumn).toBeLessThanOrEqual(textWidth(rows[cursorRow] ?? ''));
          expect(cursorColumn).toBeLessThan(columns);
          expect(cursorRow).toBeLessThan(rows.length);
        },
      ),
    );
  });
});
