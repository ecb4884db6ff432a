import stringWidth from 'string-width';

/** No character of any script is wider; what is belongs to a heap of signs that only counts as one character. */
const CELL_COLUMNS_MAX = 4;

/** What the cursor passes in one step. */
export interface Cell {
  readonly text: string;
  /** Offset in the text, in UTF-16 units. */
  readonly start: number;
  /** Columns of the terminal. */
  readonly width: number;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const printableAscii = /^[\x20-\x7e]*$/;
const joinedEmoji = /\p{Extended_Pictographic}/u;
const letters = /\p{L}/gu;
const hangul = /\p{sc=Hang}/u;

/** Columns that a text takes in a terminal. Expects visible text: controls count nothing. */
export function textWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const cell of cellsOf(text)) width += cell.width;
  return width;
}

/** The characters of a text as people count them, with their columns. */
export function* cellsOf(text: string): Generator<Cell> {
  // Most text is plain: the segmenter costs many times as much.
  if (printableAscii.test(text)) {
    for (let start = 0; start < text.length; start += 1) yield { text: text.charAt(start), start, width: 1 };
    return;
  }
  for (const { segment, index } of segmenter.segment(text)) {
    const width = widthOf(segment);
    if (width <= CELL_COLUMNS_MAX) yield { text: segment, start: index, width };
    else yield* codePointsOf(segment, index);
  }
}

function* codePointsOf(text: string, from: number): Generator<Cell> {
  let start = from;
  for (const character of text) {
    yield { text: character, start, width: widthOf(character) };
    start += character.length;
  }
}

function widthOf(grapheme: string): number {
  if (grapheme.length === 1 && printableAscii.test(grapheme)) return 1;
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
