import { textWidth } from '../../terminal/text-width.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { wrapRows } from '../../terminal/wrap-text.ts';
import type { Snapshot } from './editor-state.ts';

export interface EditorView {
  /** Never empty; each leaves one column free, for the cursor at its end. */
  readonly rows: readonly string[];
  /** Counted from 0. */
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

/** The rows of an input in `columns` (at least 5), harmless for the terminal, and where the cursor is in them. */
export function editorView({ text, cursor }: Snapshot, columns: number): EditorView {
  const shown = visibleText(text);
  // What is before the cursor may end in the middle of what only the whole shows; what is after it never begins there.
  const at = shown.length - visibleText(text.slice(cursor)).length;
  const rows = wrapRows(shown, columns - 1);
  const cursorRow = Math.max(
    0,
    rows.findLastIndex((row) => row.start <= at),
  );
  const row = rows[cursorRow];
  const before = row === undefined ? '' : shown.slice(row.start, Math.min(at, row.end));
  return { rows: rows.map((shownRow) => shownRow.text), cursorRow, cursorColumn: textWidth(before) };
}
