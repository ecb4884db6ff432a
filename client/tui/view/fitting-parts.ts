import type { StyledRow } from './styled-row.ts';

/** What goes first where the screen is too small for all of a dialog, up to what it cannot do without. */
const order = ['blank', 'hint', 'about', 'title', 'wish', 'remark', 'body'] as const;

/** Rows of a dialog that are of one kind. */
export interface Part {
  readonly kind: (typeof order)[number];
  readonly rows: readonly StyledRow[];
}

export const blank: Part = { kind: 'blank', rows: [[]] };

/** Stands for something that takes the rows that are left: at least one, and some before a title is worth one. */
const LIST_ROWS_WISHED = 5;
const list: Part = { kind: 'body', rows: [[]] };
const wish: Part = { kind: 'wish', rows: Array.from({ length: LIST_ROWS_WISHED - 1 }, () => []) };

export function rowCount(parts: readonly Part[]): number {
  return parts.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** The parts with as many of their rows as fit; of one kind the last rows go first. */
export function fittingParts(parts: readonly Part[], height: number): readonly Part[] {
  const fitting = [...parts];
  let surplus = rowCount(parts) - height;
  for (const kind of order)
    for (let at = fitting.length - 1; at >= 0 && surplus > 0; at -= 1) {
      const part = fitting[at];
      if (part?.kind !== kind) continue;
      const kept = Math.max(0, part.rows.length - surplus);
      surplus -= part.rows.length - kept;
      fitting[at] = { kind, rows: part.rows.slice(0, kept) };
    }
  return fitting;
}

/** The same around a list, which may have `room` rows. */
export function fittingAround(
  before: readonly Part[],
  after: readonly Part[],
  height: number,
): { readonly before: readonly Part[]; readonly after: readonly Part[]; readonly room: number } {
  const parts = fittingParts([...before, wish, list, ...after], height);
  const around = { before: parts.slice(0, before.length), after: parts.slice(before.length + 2) };
  return { ...around, room: Math.max(1, height - rowCount(around.before) - rowCount(around.after)) };
}
