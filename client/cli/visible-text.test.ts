import { describe, expect, it } from 'vitest';
import { visibleLine, visibleText } from './visible-text.ts';

describe('text from others', () => {
  it('shows escapes and controls instead of obeying them', () => {
    expect(visibleText('a\x1b[2Jb\x07\x9b')).toBe('a<U+001B>[2Jb<U+0007><U+009B>');
  });

  it('shows bidirectional overrides, zero-width and other invisible characters', () => {
    expect(visibleText('x\u202etxt\u200b\ufeff\u2066')).toBe('x<U+202E>txt<U+200B><U+FEFF><U+2066>');
    expect(visibleText('\u3164\u2028')).toBe('<U+3164><U+2028>');
  });

  it('keeps line ends in a text and shows them in a line', () => {
    expect(visibleText('a\r\nb\rc')).toBe('a\nb\nc');
    expect(visibleLine('a\nb')).toBe('a<U+000A>b');
  });

  it('keeps languages and joined emoji as they are', () => {
    for (const text of ['Grüße', '日本語', 'שלום', 'नमस्ते', '👩‍👩‍👧', '👩🏽‍🚀', '🏳️‍🌈', '❤️'])
      expect(visibleText(text)).toBe(text);
    for (const text of ['می\u200cخواهم', 'क्\u200dष', 'ශ්\u200dරී']) expect(visibleText(text)).toBe(text);
    expect(visibleText('a\u200db')).toBe('a<U+200D>b');
    expect(visibleText('pay\u200cpal')).toBe('pay<U+200C>pal');
  });

  it('cuts floods of combining marks', () => {
    expect(visibleText(`e${'\u0301'.repeat(50)}`)).toBe(`e${'\u0301'.repeat(4)}`);
  });
});
