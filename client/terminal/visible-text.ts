/** More marks than this on one character are a flood, not a language. */
const COMBINING_MARKS_MAX = 4;
/** The longest emoji there are, families and couples, have this many joiners; terminals draw more than that side by side. */
const EMOJI_JOINERS_MAX = 3;
/** Columns that a tab in a text becomes. */
const TAB_COLUMNS = 4;

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
const emoji = '\\p{Extended_Pictographic}\\ufe0f?\\p{Emoji_Modifier}?';

/** Invisible characters where a language or an emoji needs them; each alternative takes at most a few of them. */
const inPlace = [
  `${emoji}(?:\\u200d${emoji}){1,${EMOJI_JOINERS_MAX}}`,
  '\\p{Emoji}[\\ufe0e\\ufe0f]',
  // The flags of England, Scotland and Wales are a black flag and the region in tag characters.
  '\\u{1f3f4}\\u{e0067}\\u{e0062}(?:\\u{e0065}\\u{e006e}\\u{e0067}|\\u{e0073}\\u{e0063}\\u{e0074}|\\u{e0077}\\u{e006c}\\u{e0073})\\u{e007f}',
  `(?<=[${joining}])[\\u200c\\u200d](?=[${joining}])`,
  '\\p{sc=Han}[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]',
  '\\p{sc=Mong}[\\u180b-\\u180d\\u180f]',
].join('|');
/** Controls, what changes the direction, what is not drawn at all, and what every font draws as it likes. */
const invisible = '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{DI}\\p{NChar}\\u2800]';
const lookedAt = new RegExp(`(${inPlace})|${invisible}`, 'gu');
/** Most text is plain, and nothing has to be looked for in it. */
const plainText = /^[\x20-\x7e\n]*$/;
const markFlood = new RegExp(`(\\p{M}{${COMBINING_MARKS_MAX}})\\p{M}+`, 'gu');
/** A mark that begins a text or comes after what is no character would be drawn on what stands before it on the screen. */
const baselessMark = /(?<=^|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}|(?=\p{Cn})\p{DI})\p{M}/gu;

/**
 * Text from other people or a server, for a terminal: controls, escapes, bidirectional overrides and invisible characters
 * are written as <U+202E>, floods of combining marks are cut, tabs become spaces. Line ends are kept: whoever prints
 * decides about them.
 */
export function visibleText(text: string): string {
  return shown(text, ' '.repeat(TAB_COLUMNS));
}

/** The same on one line: line ends and tabs are written out too. */
export function visibleLine(text: string): string {
  return shown(text, codePoint('\t')).replaceAll('\n', codePoint('\n'));
}

function shown(text: string, tab: string): string {
  if (plainText.test(text)) return text;
  return text
    .replace(/\r\n?/g, '\n')
    .replace(baselessMark, codePoint)
    .replaceAll('\t', tab)
    .replace(
      lookedAt,
      (found, kept: string | undefined) => kept ?? (found === '\n' ? found : codePoint(found)),
    )
    .replace(markFlood, '$1');
}

function codePoint(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}
