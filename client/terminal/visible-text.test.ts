import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/support/protocol/arbitraries.ts';
import { visibleLine, visibleText } from './visible-text.ts';

/** What a terminal obeys, and what it doesn't draw. */
const obeyed =
  /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u;

describe('text from others', () => {
  it('shows escapes and controls instead of obeying them', () => {
    expect(visibleText('a\x1b[2Jb\x07\x9b')).toBe('a<U+001B>[2Jb<U+0007><U+009B>');
    expect(visibleText('\x1b]0;title\x1b\\\x9d8;;x\x9c\x00\x7f\x85')).toBe(
      '<U+001B>]0;title<U+001B>\\<U+009D>8;;x<U+009C><U+0000><U+007F><U+0085>',
    );
  });

  it('shows bidirectional overrides, zero-width and other invisible characters', () => {
    expect(visibleText('x\u202etxt\u200b\ufeff\u2066')).toBe('x<U+202E>txt<U+200B><U+FEFF><U+2066>');
    expect(visibleText('\u3164\u2028\u2029\u00ad\u2800')).toBe('<U+3164><U+2028><U+2029><U+00AD><U+2800>');
  });

  it('shows what is no character: lone surrogates, private and unassigned ones', () => {
    expect(visibleText('a\ud83db\udc00\ue000\uffff')).toBe('a<U+D83D>b<U+DC00><U+E000><U+FFFF>');
  });

  it('keeps line ends in a text and shows them in a line', () => {
    expect(visibleText('a\r\nb\rc')).toBe('a\nb\nc');
    expect(visibleLine('a\nb')).toBe('a<U+000A>b');
  });

  it('makes a tab spaces in a text and shows it in a line', () => {
    expect(visibleText('if\n\tgo')).toBe('if\n    go');
    expect(visibleLine('a\tb')).toBe('a<U+0009>b');
  });

  it('keeps languages and joined emoji as they are', () => {
    for (const text of ['Grüße', '日本語', 'שלום', 'नमस्ते', 'ภาษาไทย', 'Tiếng Việt', 'a\u0301\u0323'])
      expect(visibleText(text)).toBe(text);
    for (const text of [
      '👩‍👩‍👧',
      '👨‍👩‍👧‍👦',
      '👩🏽‍🚀',
      '👩🏽‍❤️‍💋‍👨🏿',
      '🏳️‍🌈',
      '🏴‍☠️',
      '❤️',
      '1️⃣',
      '🇩🇪',
      '☎︎',
      '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    ])
      expect(visibleText(text)).toBe(text);
    for (const text of ['می\u200cخواهم', 'क्\u200dष', 'ශ්\u200dරී', '葛\u{e0100}城', 'ᠠ\u180b'])
      expect(visibleText(text)).toBe(text);
  });

  it('shows joiners and selectors where nothing needs them', () => {
    expect(visibleText('a\u200db')).toBe('a<U+200D>b');
    expect(visibleText('pay\u200cpal')).toBe('pay<U+200C>pal');
    expect(visibleText('a\ufe0f\u{e0100}')).toBe('a<U+FE0F><U+E0100>');
    expect(visibleText('❤\ufe0f\ufe0f\ufe0f')).toBe('❤\ufe0f<U+FE0F><U+FE0F>');
    expect(visibleText('葛\u{e0100}\u{e0101}')).toBe('葛\u{e0100}<U+E0101>');
  });

  it('shows text that hides in tag characters, also behind a flag', () => {
    expect(visibleText('a\u{e0068}\u{e0069}')).toBe('a<U+E0068><U+E0069>');
    expect(visibleText('🏴\u{e0068}\u{e0069}\u{e007f}')).toBe('🏴<U+E0068><U+E0069><U+E007F>');
  });

  it('cuts chains of emoji that no terminal joins', () => {
    expect(visibleText(Array.from({ length: 6 }, () => '👩').join('\u200d'))).toBe(
      '👩\u200d👩\u200d👩\u200d👩<U+200D>👩\u200d👩',
    );
  });

  it('cuts floods of combining marks and shows marks that have no letter', () => {
    expect(visibleText(`e${'\u0301'.repeat(50)}`)).toBe(`e${'\u0301'.repeat(4)}`);
    expect(visibleText('\u0301a\n\u0301')).toBe('<U+0301>a\n<U+0301>');
    expect(visibleText('\t\u0301\u202e\u0301')).toBe('    <U+0301><U+202E><U+0301>');
  });

  it('leaves nothing of any text that a terminal obeys, and is stable', () => {
    const anything = anyText({ maxLength: 40 });
    fc.assert(
      fc.property(anything, (text) => {
        const once = visibleText(text);
        expect(once).not.toMatch(obeyed);
        expect(visibleText(once)).toBe(once);
        expect(visibleLine(text)).not.toContain('\n');
      }),
    );
  });
});
