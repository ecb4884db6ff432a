/** More marks than this on one character are a flood, not a language. */
const COMBINING_MARKS_MAX = 4;

const invisible =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Co}\p{Cs}]|(?![\u200c\u200d])\p{Cf}|[\u115f\u1160\u3164\uffa0\u2800]/gu;

/** Scripts that spell with the zero-width joiner and non-joiner, between letters of their own. */
const joining = [
  'Arab',
  'Beng',
  'Deva',
  'Gujr',
  'Guru',
  'Knda',
  'Mlym',
  'Mong',
  'Orya',
  'Sinh',
  'Syrc',
  'Taml',
  'Telu',
]
  .map((script) => `\\p{scx=${script}}`)
  .join('');
const emojiBefore = '(?<=\\p{Extended_Pictographic}\\ufe0f?|\\p{Emoji_Modifier})';
const joinerInPlace = `(?<=[${joining}])[\\u200c\\u200d](?=[${joining}])|${emojiBefore}\\u200d(?=\\p{Extended_Pictographic})`;
const inPlaceAt = new RegExp(joinerInPlace, 'uy');
const markFlood = new RegExp(`(\\p{M}{${COMBINING_MARKS_MAX}})\\p{M}+`, 'gu');

/**
 * Text from other people or a server, for a terminal: controls, escapes, bidirectional overrides and invisible characters
 * are written as <U+202E>, floods of combining marks are cut. Line ends are kept: whoever prints decides about them.
 */
export function visibleText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(invisible, (character) => (character === '\n' ? character : codePoint(character)))
    .replace(/[\u200c\u200d]/gu, (character, at: number, whole: string) =>
      standsInPlace(whole, at) ? character : codePoint(character),
    )
    .replace(markFlood, '$1');
}

/** The same on one line. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll('\n', codePoint('\n'));
}

function standsInPlace(text: string, at: number): boolean {
  inPlaceAt.lastIndex = at;
  return inPlaceAt.test(text);
}

function codePoint(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}
