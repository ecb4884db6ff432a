import { textWidth } from '../../terminal/text-width.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate } from '../../terminal/wrap-text.ts';

/** What a piece of text is; the theme says how it looks. */
export type Style =
  | 'plain'
  | 'strong'
  | 'dim'
  | 'accent'
  | 'good'
  | 'warning'
  | 'error'
  | 'mention'
  | 'selected'
  | 'code'
  | 'bar'
  | 'bar-strong'
  | 'bar-good'
  | 'bar-warning'
  | 'bar-error'
  | `name-${number}`;

export interface Piece {
  readonly text: string;
  readonly style: Style;
}

/** One row of the screen. */
export type StyledRow = readonly Piece[];

/**
 * The one way to a piece: whatever the text is, the terminal gets nothing to obey. What is measured or wrapped before
 * has to be visible text already, since making it visible makes it longer.
 */
export const piece = (text: string, style: Style = 'plain'): Piece => ({ text: visibleLine(text), style });

export function rowWidth(row: StyledRow): number {
  return row.reduce((sum, { text }) => sum + textWidth(text), 0);
}

/** Cut or filled with spaces to `columns`. */
export function fitted(row: StyledRow, columns: number, fill: Style = 'plain'): StyledRow {
  const pieces: Piece[] = [];
  let left = columns;
  for (const { text, style } of row) {
    if (left <= 0) break;
    const shown = truncate(text, left);
    pieces.push(piece(shown, style));
    left -= textWidth(shown);
  }
  if (left > 0) pieces.push(piece(' '.repeat(left), fill));
  return pieces;
}

/** A text as a cell of a table: cut or filled to `columns`. */
export function cell(text: string, columns: number): string {
  const shown = truncate(text, columns);
  return shown + ' '.repeat(Math.max(0, columns - textWidth(shown)));
}

/** `left` at the one end and `right` at the other; `right` goes first when there is no room. */
export function spread(left: StyledRow, right: StyledRow, columns: number, fill: Style = 'plain'): StyledRow {
  const rightWidth = rowWidth(right);
  if (rowWidth(left) + rightWidth + 1 > columns) return fitted(left, columns, fill);
  return [...fitted(left, columns - rightWidth, fill), ...right];
}

/** A line across with a text in its middle. */
export function ruler(text: string, columns: number, style: Style): StyledRow {
  const label = text === '' ? '' : ` ${truncate(text, Math.max(0, columns - 4))} `;
  const left = Math.max(0, Math.floor((columns - textWidth(label)) / 2));
  const right = Math.max(0, columns - left - textWidth(label));
  return [piece('─'.repeat(left) + label + '─'.repeat(right), style)];
}
