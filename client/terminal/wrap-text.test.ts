import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf, textWidth } from './text-width.ts';
import { visibleText } from './visible-text.ts';
import { truncate, wrapRows, wrapText } from './wrap-text.ts';

/** Texts out of everything that is hard to break. */
const hardText = fc
  .array(
    fc.constantFrom(
      'a',
      'word',
      ' ',
      '   ',
      '\n',
      '-',
      '日',
      '한',
      '👩‍👩‍👧',
      'é',
      'e\u0301',
      'न',
      'ा',
      'क्क्क',
      'ｶﾞﾞ',
      'ᄀ',
    ),
    { maxLength: 40 },
  )
  .map((parts) => visibleText(parts.join('')));
const columnsOfRows = fc.integer({ min: 4, max: 24 });

describe('the width of a text', () => {
  it('is what terminals draw', () => {
    for (const [text, width] of [
      ['hello', 5],
      ['é', 1],
      ['e\u0301', 1],
      ['日本', 4],
      ['👩‍👩‍👧', 2],
      ['❤️', 2],
      ['🇩🇪', 2],
      ['한글', 4],
      ['\u1112\u1161\u11ab', 2],
      ['नमस्ते', 4],
      ['', 0],
    ] as const)
      expect([text, textWidth(text)]).toEqual([text, width]);
  });

  it('is the same however a text is taken apart', () => {
    const anything = fc.array(
      fc.constantFrom('a', ' ', 'é', 'ж', 'e\u0301', '\u0301', '日', '👩‍👩‍👧', '\u200d', '🇩', 'ा', '\n'),
    );
    fc.assert(
      fc.property(anything, (parts) => {
        const text = parts.join('');
        const graphemes = [...new Intl.Segmenter().segment(text)];
        // A heap of signs that are drawn side by side is no character: see below.
        fc.pre(graphemes.every(({ segment }) => (segment.match(/ा/g)?.length ?? 0) < 3));
        expect([...cellsOf(text)].map((cell) => [cell.start, cell.text])).toEqual(
          graphemes.map(({ index, segment }) => [index, segment]),
        );
        expect(textWidth(text)).toBe(graphemes.reduce((sum, { segment }) => sum + textWidth(segment), 0));
      }),
    );
  });

  it('is the same in a long text, wherever the parts of it end', () => {
    const graphemes = ['日', '👩‍👩‍👧', '🇩🇪', 'e\u0301', 'क\u093e', '𝔸'];
    for (let shift = 0; shift < 9; shift += 1) {
      const expected = [...Array<string>(shift).fill('語'), ...Array<string[]>(400).fill(graphemes).flat()];
      expect(Array.from(cellsOf(expected.join('')), ({ text }) => text)).toEqual(expected);
    }
  });

  it('counts heaps of signs that pass for one character sign by sign', () => {
    const heap = `ｶ${'ﾞ'.repeat(40)}`;
    expect(textWidth(heap)).toBe(41);
    expect([...cellsOf(heap)]).toHaveLength(41);
    expect(textWidth('क्'.repeat(20))).toBe(20);
    expect(textWidth('ᄀ'.repeat(20))).toBe(40);
  });
});

describe('a text in a column', () => {
  it('is broken at words where it can be, and inside of them where it must be', () => {
    expect(wrapText('the quick brown fox', 10)).toEqual(['the quick', 'brown fox']);
    expect(wrapText('well-known', 6)).toEqual(['well-', 'known']);
    expect(wrapText('well- known', 5)).toEqual(['well-', 'known']);
    expect(wrapText('conclave --server X', 11)).toEqual(['conclave', '--server X']);
    expect(wrapText('abcdefghijkl', 5)).toEqual(['abcde', 'fghij', 'kl']);
    expect(wrapText('a bcdefghij', 5)).toEqual(['a', 'bcdef', 'ghij']);
  });

  it('is broken between wide characters and never inside of one', () => {
    expect(wrapText('日本語です', 5)).toEqual(['日本', '語で', 'す']);
    expect(wrapText('ab日', 4)).toEqual(['ab日']);
    expect(wrapText('abc👩‍👩‍👧', 4)).toEqual(['abc', '👩‍👩‍👧']);
  });

  it('keeps its lines, empty ones too, and its indentation', () => {
    expect(wrapText('a\n\n  b', 10)).toEqual(['a', '', '  b']);
    expect(wrapText('', 10)).toEqual(['']);
  });

  it('lets spaces at the end of a row hang', () => {
    expect(wrapText('abcd    ', 4)).toEqual(['abcd']);
    expect(wrapText('abcd     e', 4)).toEqual(['abcd', 'e']);
    expect(wrapText('         e', 4)).toEqual(['    ', 'e']);
  });

  it('says where in the text each row is', () => {
    expect(wrapRows('ab cdef\ng', 4)).toEqual([
      { text: 'ab', start: 0, end: 2 },
      { text: 'cdef', start: 3, end: 7 },
      { text: 'g', start: 8, end: 9 },
    ]);
  });

  it('loses nothing but spaces and fits, whatever the text', () => {
    fc.assert(
      fc.property(hardText, columnsOfRows, (text, columns) => {
        let before = 0;
        for (const row of wrapRows(text, columns)) {
          expect(textWidth(row.text)).toBeLessThanOrEqual(columns);
          expect(row.text).toBe(text.slice(row.start, row.end));
          expect(text.slice(before, row.start)).toMatch(/^ *\n?$/);
          before = row.end;
        }
        expect(text.slice(before)).toMatch(/^ *$/);
      }),
    );
  });

  it('takes messages of the greatest length, whatever they are made of', () => {
    for (const part of ['a', 'a ', '日', '👩‍👩‍👧', 'ｶﾞ', 'क्']) {
      const text = part.repeat(16_384 / Buffer.byteLength(part));
      expect(wrapText(text, 20).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }
  });
});

describe('a text that is cut', () => {
  it('ends in an ellipsis when something is missing', () => {
    expect(truncate('hello', 5)).toBe('hello');
    expect(truncate('hello', 4)).toBe('hel…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('👩‍👩‍👧x', 2)).toBe('…');
    expect(truncate('hello', 1)).toBe('…');
    expect(truncate('hello', 0)).toBe('');
  });

  it('fits, whatever the text', () => {
    fc.assert(
      fc.property(hardText, fc.integer({ min: 0, max: 24 }), (text, columns) => {
        expect(textWidth(truncate(text.replaceAll('\n', ''), columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
