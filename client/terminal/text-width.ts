import stringWidth from 'string-width';

/** No character of any script is wider; what is belongs to a heap of signs that only counts as one character. */
const CELL_COLUMNS_MAX = 4;

/** Measuring a character costs more than everything else here, and most come again and again. */
const WIDTHS_KEPT_MAX = 4096;
/** Longer ones are hardly characters. */
const KEPT_CHARS_MAX = 16;
const widths = new Map<string, number>();

const SEGMENTED_CHARS_MAX = 512;

/** What is drawn as one. */
export interface Cell {
  readonly text: string;
  /** Offset in the text, in UTF-16 units. */
  readonly start: number;
  /** Columns of the terminal. */
  readonly width: number;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Latin, Greek and Cyrillic letters and the signs of ASCII: one column each, and each a character of its own. */
const plain = '\\x20-\\x7e\\u00c0-\\u02af\\u0391-\\u03ff\\u0400-\\u0481\\u048a-\\u052f';
const plainText = new RegExp(`^[${plain}]*$`);
/**
 * Plain text, which needs no segmenter, and what is between. There is always a border between two plain characters, and
 * a mark may belong to the last one before it.
 */
const stretches = new RegExp(
  `([${plain}]+(?![^${plain}]))|[${plain}]?[^${plain}]+(?:[${plain}][^${plain}]+)*`,
  'g',
);
const joinedEmoji = /\p{Extended_Pictographic}/u;
const letters = /\p{L}/gu;
const hangul = /\p{sc=Hang}/u;

/** Columns that a text takes in a terminal. Expects visible text: controls count nothing. */
export function textWidth(text: string): number {
  if (plainText.test(text)) return text.length;
  let width = 0;
  for (const cell of cellsOf(text)) width += cell.width;
  return width;
}

/** The characters of a text as people count them, with their columns. */
export function* cellsOf(text: string): Generator<Cell> {
  for (const { 0: stretch, 1: plainStretch, index } of text.matchAll(stretches)) {
    if (plainStretch !== undefined)
      for (let at = 0; at < plainStretch.length; at += 1)
        yield { text: plainStretch.charAt(at), start: index + at, width: 1 };
    else yield* segmentsOf(stretch, index);
  }
}

/** The segmenter's time grows with the square of the text, so it gets it in parts, each beginning at a border. */
function* segmentsOf(text: string, from: number): Generator<Cell> {
  let at = 0;
  while (at < text.length) {
    const part = partAt(text, at);
    let taken = 0;
    for (const { segment } of segmenter.segment(part)) {
      // The last one of a part may go on in the next. One that fills a whole part is a heap, and cut anyway.
      const mayGoOn = taken > 0 && taken + segment.length === part.length && at + part.length < text.length;
      if (mayGoOn) break;
      yield* cellsOfSegment(segment, from + at + taken);
      taken += segment.length;
    }
    at += taken;
  }
}

function partAt(text: string, at: number): string {
  const end = at + SEGMENTED_CHARS_MAX;
  const isPairCut = (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return text.slice(at, isPairCut ? end - 1 : end);
}

function* cellsOfSegment(segment: string, start: number): Generator<Cell> {
  const width = widthOf(segment);
  if (width <= CELL_COLUMNS_MAX) yield { text: segment, start, width };
  else yield* codePointsOf(segment, start);
}

function* codePointsOf(text: string, from: number): Generator<Cell> {
  let start = from;
  for (const character of text) {
    yield { text: character, start, width: widthOf(character) };
    start += character.length;
  }
}

function widthOf(grapheme: string): number {
  const known = widths.get(grapheme);
  if (known !== undefined) return known;
  const width = measuredCell(grapheme);
  if (widths.size >= WIDTHS_KEPT_MAX) widths.clear();
  if (grapheme.length <= KEPT_CHARS_MAX) widths.set(grapheme, width);
  return width;
}

function measuredCell(grapheme: string): number {
  // Indic letters joined into one character: terminals give each letter its own column.
  if (grapheme.length > 2 && !joinedEmoji.test(grapheme) && !hangul.test(grapheme)) {
    const found = grapheme.match(letters)?.length ?? 0;
    if (found > 1) return [...grapheme].reduce((sum, character) => sum + measured(character), 0);
  }
  return measured(grapheme);
}

function measured(text: string): number {
  return stringWidth(text, { countAnsiEscapeCodes: true });
}
