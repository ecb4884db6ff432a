import { type Cell, cellsOf, textWidth } from './text-width.ts';

/** A row has room for at least the widest character. */
const COLUMNS_MIN = 4;
const ELLIPSIS = '…';
const LETTER = /[\p{L}\p{N}]/u;

/** A part of a text that fits into one row. */
export interface Row {
  readonly text: string;
  /** Offsets in the whole text, in UTF-16 units; spaces at which it was broken stand between two rows. */
  readonly start: number;
  readonly end: number;
}

/** Lines no wider than `columns` (at least 4), broken at words where it can be and inside of them where it must be. */
export function wrapText(text: string, columns: number): readonly string[] {
  return wrapRows(text, columns).map((row) => row.text);
}

/** The same with the place of each row in the text. */
export function wrapRows(text: string, columns: number): readonly Row[] {
  const rows: Row[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    wrapLine(line, start, Math.max(columns, COLUMNS_MIN), rows);
    start += line.length + 1;
  }
  return rows;
}

/** One line cut to `columns`, with an ellipsis for what is missing. */
export function truncate(text: string, columns: number): string {
  if (columns <= 0) return '';
  if (textWidth(text) <= columns) return text;
  let width = 0;
  for (const cell of cellsOf(text)) {
    width += cell.width;
    if (width > columns - 1) return text.slice(0, cell.start) + ELLIPSIS;
  }
  return text;
}

function wrapLine(line: string, offset: number, columns: number, rows: Row[]): void {
  const push = (start: number, end: number): void => {
    rows.push({ text: line.slice(start, end), start: offset + start, end: offset + end });
  };
  let rowStart = 0;
  let width = 0;
  // The end of what fits into the row: spaces beyond it are not shown.
  let fitEnd = 0;
  // Where the row may end at a word, where the next one then begins, and the columns up to there.
  let wordEnd = 0;
  let wordNext = 0;
  let wordWidth = 0;
  let before: Cell | undefined;
  // Only after one within a word: the hyphens of an option are nothing without its name.
  let isAfterHyphen = false;
  for (const cell of cellsOf(line)) {
    if (before !== undefined && cell.text !== ' ' && (isAfterHyphen || mayBreakBetween(before, cell))) {
      if (before.text !== ' ') wordEnd = cell.start;
      wordNext = cell.start;
      wordWidth = width;
    }
    if (cell.text === ' ' && before?.text !== ' ') wordEnd = cell.start;
    width += cell.width;
    if (width > columns && cell.text !== ' ') {
      const atWord = wordEnd > rowStart;
      push(rowStart, atWord ? wordEnd : fitEnd);
      rowStart = atWord ? wordNext : cell.start;
      width = atWord ? width - wordWidth : cell.width;
    }
    if (width <= columns) fitEnd = cell.start + cell.text.length;
    isAfterHyphen = cell.text === '-' && before !== undefined && LETTER.test(before.text);
    before = cell;
  }
  push(rowStart, fitEnd);
}

function mayBreakBetween(before: Cell, after: Cell): boolean {
  return before.text === ' ' || before.width > 1 || after.width > 1;
}
