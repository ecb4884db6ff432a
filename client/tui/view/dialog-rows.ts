import { visibleLine } from '../../terminal/visible-text.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import type { ConfirmDialog, Dialog, PageDialog, PickerDialog, PromptDialog } from '../model/dialog.ts';
import { matchingItems } from '../model/picker.ts';
import { inputRows } from './input-rows.ts';
import { cell, fitted, piece, type StyledRow, spread } from './styled-row.ts';

export interface DialogView {
  readonly rows: readonly StyledRow[];
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

const MARGIN = 2;
/** Labels take no more than this part of a list. */
const LABEL_SHARE_MAX = 0.45;

/** A dialog in the place of the timeline. */
export function dialogView(dialog: Dialog, columns: number, height: number): DialogView {
  const inner = Math.max(10, columns - 2 * MARGIN);
  const view = innerView(dialog, inner, Math.max(1, height - 2));
  const margin = piece(' '.repeat(MARGIN));
  return {
    rows: [[], ...view.rows.map((row) => [margin, ...row])],
    cursor:
      view.cursor === undefined
        ? undefined
        : { row: view.cursor.row + 1, column: view.cursor.column + MARGIN },
  };
}

function innerView(dialog: Dialog, columns: number, height: number): DialogView {
  switch (dialog.kind) {
    case 'prompt':
      return promptView(dialog, columns);
    case 'confirm':
      return confirmView(dialog, columns);
    case 'picker':
      return pickerView(dialog, columns, height);
    case 'page':
      return pageView(dialog, columns, height);
    default:
      return dialog satisfies never;
  }
}

function promptView({ title, about, masked, editor, remark }: PromptDialog, columns: number): DialogView {
  const input = inputRows({ editor, prompt: '› ', promptStyle: 'accent', columns, rowsMax: 3, masked });
  const head = [...heading(title, columns), ...wrapped(about, columns), []];
  const foot: StyledRow[] =
    remark === undefined
      ? [[]]
      : wrapText(visibleLine(remark), columns).map((line) => [piece(line, 'warning')]);
  return {
    rows: [...head, ...input.rows, [], ...foot, [], [piece('Enter goes on, Esc goes back', 'dim')]],
    cursor: { row: head.length + input.cursor.row, column: input.cursor.column },
  };
}

function confirmView({ title, about, yes }: ConfirmDialog, columns: number): DialogView {
  const keys: StyledRow = [piece('y', 'strong'), piece(`  ${yes}    `), piece('n', 'strong'), piece('  no')];
  return { rows: [...heading(title, columns), ...wrapped(about, columns), [], keys], cursor: undefined };
}

function pickerView(dialog: PickerDialog, columns: number, height: number): DialogView {
  const { title, query, selected, nothing } = dialog;
  const input = inputRows({ editor: query, prompt: '› ', promptStyle: 'accent', columns, rowsMax: 1 });
  const head = [...heading(title, columns), ...input.rows, []];
  const items = matchingItems(dialog);
  const room = Math.max(1, height - head.length - 2);
  const top = Math.min(Math.max(0, selected - Math.floor(room / 2)), Math.max(0, items.length - room));
  const labelColumns = Math.min(
    Math.floor(columns * LABEL_SHARE_MAX),
    items.reduce((most, { label }) => Math.max(most, label.length), 0) + 2,
  );
  const rows = items.slice(top, top + room).map(({ label, detail }, at): StyledRow => {
    const style = top + at === selected ? 'selected' : 'plain';
    const detailStyle = top + at === selected ? 'selected' : 'dim';
    return fitted(
      [
        piece(` ${cell(visibleLine(label), labelColumns - 1)} `, style),
        piece(visibleLine(detail), detailStyle),
      ],
      columns,
      style,
    );
  });
  const body: readonly StyledRow[] = rows.length > 0 ? rows : [[piece(nothing, 'dim')]];
  const hidden = items.length - rows.length;
  const foot: StyledRow = [
    piece(
      hidden > 0
        ? `${hidden} more · ↑ ↓ choose, Enter takes, Esc closes`
        : '↑ ↓ choose, Enter takes, Esc closes',
      'dim',
    ),
  ];
  return {
    rows: [...head, ...body, [], foot],
    cursor: { row: head.length - 2 + input.cursor.row, column: input.cursor.column },
  };
}

function pageView(
  { title, lines, code, top, choices }: PageDialog,
  columns: number,
  height: number,
): DialogView {
  const rows = [...wrapped(lines, columns), ...codeRows(code, columns)];
  const head = heading(title, columns);
  const room = Math.max(1, height - head.length - 2);
  const first = Math.min(top, Math.max(0, rows.length - room));
  const keys = choices.flatMap(({ key, label }) => [piece(key, 'strong'), piece(`  ${label}    `)]);
  const more = rows.length > room ? '↑ ↓ scroll, ' : '';
  const foot: StyledRow = [...keys, piece(`${more}Enter or Esc closes`, 'dim')];
  return { rows: [...head, ...rows.slice(first, first + room), [], foot], cursor: undefined };
}

/** A part of a code cannot be read: without the columns for it there is none. */
function codeRows(code: readonly string[], columns: number): readonly StyledRow[] {
  const width = code[0]?.length ?? 0;
  if (width > columns) return [[], [piece(`(A QR code takes ${width} columns here.)`, 'dim')]];
  return code.map((row): StyledRow => [piece(row, 'code')]);
}

function heading(title: string, columns: number): readonly StyledRow[] {
  return [spread([piece(visibleLine(title), 'strong')], [], columns), []];
}

function wrapped(lines: readonly string[], columns: number): readonly StyledRow[] {
  return lines.flatMap((line) =>
    wrapText(visibleLine(line), columns).map((text): StyledRow => [piece(text)]),
  );
}
