import { textWidth } from '../../terminal/text-width.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { wrapRows } from '../../terminal/wrap-text.ts';
import type { Snapshot } from '../editor/editor-state.ts';
import { piece, type Style, type StyledRow } from './styled-row.ts';

export interface InputView {
  readonly rows: readonly StyledRow[];
  /** In the rows; both count from 0. */
  readonly cursor: { readonly row: number; readonly column: number };
}

const MASK = '•';
/** What the input needs at least. */
const COLUMNS_MIN = 5;

export interface InputOptions {
  readonly editor: Snapshot;
  readonly prompt: string;
  readonly promptStyle: Style;
  readonly columns: number;
  readonly rowsMax: number;
  readonly masked?: boolean;
}

/** What is typed, wrapped, with the row of the cursor among those that are shown. */
export function inputRows(options: InputOptions): InputView {
  const { editor, prompt, promptStyle, columns, rowsMax, masked = false } = options;
  const indent = textWidth(prompt);
  const view = editorView(masked ? maskedEditor(editor) : editor, Math.max(COLUMNS_MIN, columns - indent));
  const first = Math.max(0, view.cursorRow - rowsMax + 1);
  const rows = view.rows.slice(first, first + rowsMax).map((text, at): StyledRow => {
    const before = first + at === 0 ? piece(prompt, promptStyle) : piece(' '.repeat(indent));
    return [before, piece(text)];
  });
  return { rows, cursor: { row: view.cursorRow - first, column: indent + view.cursorColumn } };
}

function maskedEditor({ text, cursor }: Snapshot): Snapshot {
  return { text: MASK.repeat([...text].length), cursor: [...text.slice(0, cursor)].length };
}

interface EditorView {
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
