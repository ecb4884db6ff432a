import { addressesIn } from '../../chat/model/links.ts';
import { type TerminalLink, terminalLink } from '../../terminal/terminal-link.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate, wrapRows } from '../../terminal/wrap-text.ts';

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
  /** What a click on it opens: all of it, or a part of it, stands in the text. */
  readonly link?: TerminalLink;
}

/** One row of the screen. */
export type StyledRow = readonly Piece[];

/**
 * The one way to a piece: whatever the text is, the terminal gets nothing to obey. What is measured or wrapped before
 * has to be visible text already, since making it visible makes it longer.
 */
export const piece = (text: string, style: Style = 'plain'): Piece => ({ text: visibleLine(text), style });

/** The rows of a visible text. Its addresses are links, also where they are wrapped; `id` tells them from those of other texts. */
export function linkedRows(text: string, columns: number, style: Style, id: string): readonly StyledRow[] {
  const links = addressesIn(text).flatMap(({ url, start, end }, at) => {
    const link = terminalLink(url, `${id}.${at}`);
    return link === undefined ? [] : [{ link, start, end }];
  });
  return wrapRows(text, columns).map((row) => {
    const pieces: Piece[] = [];
    let at = row.start;
    for (const { link, start, end } of links) {
      const [from, to] = [Math.max(start, row.start), Math.min(end, row.end)];
      if (from >= to) continue;
      if (from > at) pieces.push(piece(text.slice(at, from), style));
      pieces.push({ ...piece(text.slice(from, to), style), link });
      at = to;
    }
    return at < row.end || pieces.length === 0 ? [...pieces, piece(text.slice(at, row.end), style)] : pieces;
  });
}

export function rowWidth(row: StyledRow): number {
  return row.reduce((sum, { text }) => sum + textWidth(text), 0);
}

/** Cut or filled with spaces to `columns`. */
export function fitted(row: StyledRow, columns: number, fill: Style = 'plain'): StyledRow {
  const pieces: Piece[] = [];
  let left = columns;
  for (const whole of row) {
    if (left <= 0) break;
    const shown = truncate(whole.text, left);
    pieces.push({ ...whole, text: shown });
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

/** A part of a row that may have no room for all of them. */
export interface RankedPart {
  readonly text: string;
  readonly style: Style;
  /** Parts of the highest rank go first; of one rank, the last. */
  readonly rank: number;
  /** Stands before it in place of the separator. */
  readonly before?: string;
}

export const ranked = (rank: number, text: string, style: Style): RankedPart => ({ rank, text, style });

const MARGIN = ' ';

/** As many of the parts as fit into `columns`: some at the left end with a separator between them, some at the right one. */
export function rankedRow(
  parts: { readonly left: readonly RankedPart[]; readonly right?: readonly RankedPart[] },
  columns: number,
  { separator, fill }: { readonly separator: string; readonly fill: Style },
): StyledRow {
  let { left, right = [] } = parts;
  for (;;) {
    const leftRow = joinedRow(left, separator, fill);
    const rightRow = right.length === 0 ? [] : [...joinedRow(right, ' ', fill), piece(MARGIN, fill)];
    const width = rowWidth(leftRow) + rowWidth(rightRow) + (right.length === 0 ? 0 : 1);
    const ranks = [...left, ...right].map(({ rank }) => rank);
    if (width <= columns || ranks.length <= 1) return spread(leftRow, rightRow, columns, fill);
    const highest = Math.max(...ranks);
    const at = right.findLastIndex(({ rank }) => rank === highest);
    if (at >= 0) right = right.toSpliced(at, 1);
    else
      left = left.toSpliced(
        left.findLastIndex(({ rank }) => rank === highest),
        1,
      );
  }
}

function joinedRow(parts: readonly RankedPart[], separator: string, fill: Style): StyledRow {
  return parts.flatMap(({ text, style, before = separator }, at) => [
    piece(at === 0 ? MARGIN : before, fill),
    piece(text, style),
  ]);
}
