import { piece, rowWidth, type Style, type StyledRow, spread } from './styled-row.ts';

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
    const leftRow = row(left, separator, fill);
    const rightRow = right.length === 0 ? [] : [...row(right, ' ', fill), piece(MARGIN, fill)];
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

function row(parts: readonly RankedPart[], separator: string, fill: Style): StyledRow {
  return parts.flatMap(({ text, style, before = separator }, at) => [
    piece(at === 0 ? MARGIN : before, fill),
    piece(text, style),
  ]);
}
