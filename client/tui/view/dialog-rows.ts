import type {
  ConfirmDialog,
  Dialog,
  PageChoice,
  PageDialog,
  PickerDialog,
  PromptDialog,
  WaitDialog,
} from '../../chat/model/dialog.ts';
import { matchingItems } from '../../chat/model/picker.ts';
import { qrRows } from '../../terminal/qr.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate, wrapText } from '../../terminal/wrap-text.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import type { DialogInput } from '../screen-model.ts';
import { blank, fittingAround, fittingParts, type Part, rowCount } from './fitting-parts.ts';
import { inputRows } from './input-rows.ts';
import { itemRows } from './picker-rows.ts';
import { fitted, linkedRows, piece, rowWidth, type Style, type StyledRow } from './styled-row.ts';

export interface DialogView {
  readonly rows: readonly StyledRow[];
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

const { dialogs: texts } = tuiTexts;
const MARGIN = 2;
const PROMPT_ROWS_MAX = 3;
/** Of an item of which the beginning is enough. */
const EXCERPT_ROWS_MAX = 3;
/** Between choices in one row. */
const GAP = 4;
const innerColumns = (columns: number): number => Math.max(10, columns - 2 * MARGIN);

/** A dialog in the place of the timeline: at most `height` rows, its input always among them. */
export function dialogView(dialog: Dialog, input: DialogInput, columns: number, height: number): DialogView {
  const { rows, cursor } = innerView(dialog, input, innerColumns(columns), height);
  const margin = piece(' '.repeat(MARGIN));
  return {
    rows: rows.map((row) => (row.length === 0 ? row : [margin, ...row])),
    cursor: cursor && { ...cursor, column: cursor.column + MARGIN },
  };
}

function innerView(dialog: Dialog, input: DialogInput, columns: number, height: number): DialogView {
  switch (dialog.kind) {
    case 'prompt':
      return promptView(dialog, input, columns, height);
    case 'wait':
      return waitView(dialog, columns, height);
    case 'confirm':
      return confirmView(dialog, input, columns, height);
    case 'picker':
      return pickerView(dialog, input, columns, height);
    case 'page':
      return pageView(dialog, input, columns, height);
    default:
      return dialog satisfies never;
  }
}

function promptView(
  { title, about, masked, remark, leaving }: PromptDialog,
  { editor }: DialogInput,
  columns: number,
  height: number,
): DialogView {
  const rowsMax = Math.min(PROMPT_ROWS_MAX, height);
  const typed = inputRows({ editor, prompt: '› ', promptStyle: 'accent', columns, rowsMax, masked });
  const input: Part = { kind: 'body', rows: typed.rows };
  const asked = about.length === 0 ? [] : [...wrapped('about', about, columns), blank];
  // The hint stays where it is when there is something to remark.
  const remarks = remark === undefined ? [blank] : wrapped('remark', [remark], columns, 'warning');
  const hint = wrapped('hint', [texts.accept_prompt[leaving]], columns, 'dim');
  const parts = [...heading(title, columns), ...asked, input, blank, ...remarks, blank, ...hint];
  return view(fittingParts(parts, height), { input, cursor: typed.cursor });
}

function waitView({ title, about }: WaitDialog, columns: number, height: number): DialogView {
  const asked = about.length === 0 ? [] : [...wrapped('about', about, columns, 'warning'), blank];
  const hint = wrapped('hint', [texts.cancel], columns, 'dim');
  return view(fittingParts([...heading(title, columns), ...asked, ...hint], height));
}

function confirmView(
  { title, about, yes }: ConfirmDialog,
  { remark }: DialogInput,
  columns: number,
  height: number,
): DialogView {
  const keys: Part = {
    kind: 'body',
    rows: sideBySide([choice(texts.yes_key, yes), choice(texts.no_key, texts.no)], columns),
  };
  const asked = about.length === 0 ? [] : [...wrapped('about', about, columns), blank];
  const remarks = remark === undefined ? [] : [blank, ...wrapped('remark', [remark], columns, 'warning')];
  return view(fittingParts([...heading(title, columns), ...asked, keys, ...remarks], height));
}

function pickerView(
  dialog: PickerDialog,
  { editor }: DialogInput,
  columns: number,
  height: number,
): DialogView {
  const { title, nothing } = dialog;
  const typed = inputRows({ editor, prompt: '› ', promptStyle: 'accent', columns, rowsMax: 1 });
  const input: Part = { kind: 'body', rows: typed.rows };
  const hint: Part = { kind: 'hint', rows: [[]] };
  const fitting = fittingAround([...heading(title, columns), input, blank], [blank, hint], height);
  const items = matchingItems(dialog);
  const { rows, hidden } = itemRows(
    items,
    { selected: dialog.selected, rowsMax: dialog.excerpts ? EXCERPT_ROWS_MAX : undefined },
    columns,
    fitting.room,
  );
  const list: Part = { kind: 'body', rows: items.length > 0 ? rows : [[piece(nothing, 'dim')]] };
  const text = truncate(hidden > 0 ? texts.more(hidden, texts.choose) : texts.choose, columns);
  const after = fitting.after.map((part) =>
    part === hint ? { ...hint, rows: [[piece(text, 'dim')]] } : part,
  );
  return view([...fitting.before, list, ...after], { input, cursor: typed.cursor });
}

function pageView(dialog: PageDialog, input: DialogInput, columns: number, height: number): DialogView {
  const { before, after, rows, room } = pageParts(dialog, columns, height);
  const top = Math.min(input.top, Math.max(0, rows.length - room));
  return view([...before, { kind: 'body', rows: rows.slice(top, top + room) }, ...after]);
}

/** A letter for each choice: the first of its id that no choice before it has. */
export function choiceKeys(choices: readonly PageChoice[]): readonly string[] {
  const keys: string[] = [];
  for (const { id } of choices) keys.push([...id].find((letter) => !keys.includes(letter)) ?? '');
  return keys;
}

/** The highest `top` that shows something new. */
export function pageTopMax(dialog: PageDialog, columns: number, height: number): number {
  const { rows, room } = pageParts(dialog, innerColumns(columns), height);
  return Math.max(0, rows.length - room);
}

function pageParts(
  { title, lines, code, choices, leaving }: PageDialog,
  columns: number,
  height: number,
): ReturnType<typeof fittingAround> & { readonly rows: readonly StyledRow[] } {
  const text = lines.flatMap((line, at) => linkedRows(visibleLine(line), columns, 'plain', `page.${at}`));
  const rows = [...text, ...codeRows(code, columns)];
  const closing = leaving && visibleLine(leaving);
  const letters = choiceKeys(choices);
  const around = (hint: string): ReturnType<typeof fittingAround> => {
    const keys = [...choices.map(({ label }, at) => choice(letters[at] ?? '', label)), [piece(hint, 'dim')]];
    const foot: Part = { kind: 'remark', rows: sideBySide(keys, columns) };
    return fittingAround(heading(title, columns), [blank, foot], height);
  };
  const whole = around(texts.close(closing));
  return { ...(rows.length <= whole.room ? whole : around(texts.scroll(closing))), rows };
}

/** A part of a code cannot be read: without the columns for it there is none. */
function codeRows(code: string | undefined, columns: number): readonly StyledRow[] {
  if (code === undefined) return [];
  const drawn = qrRows(code, 'dark');
  const width = drawn[0]?.length ?? 0;
  if (width > columns) return [[], [piece(texts.code_too_wide(width), 'dim')]];
  return drawn.map((row): StyledRow => [piece(row, 'code')]);
}

function heading(title: string, columns: number): readonly Part[] {
  return [blank, ...wrapped('title', [title], columns, 'strong'), blank];
}

function wrapped(
  kind: Part['kind'],
  lines: readonly string[],
  columns: number,
  style: Style = 'plain',
): readonly Part[] {
  const rows = lines.flatMap((line) =>
    wrapText(visibleLine(line), columns).map((text): StyledRow => [piece(text, style)]),
  );
  return [{ kind, rows }];
}

function choice(key: string, label: string): StyledRow {
  return [piece(key, 'strong'), piece(`  ${visibleLine(label)}`)];
}

/** In one row, or where that is too long, one below the other. */
function sideBySide(choices: readonly StyledRow[], columns: number): readonly StyledRow[] {
  const row = choices.flatMap((each, at) => (at === 0 ? each : [piece(' '.repeat(GAP)), ...each]));
  return rowWidth(row) <= columns ? [row] : choices.map((each) => fitted(each, columns));
}

function view(
  parts: readonly Part[],
  typed?: { readonly input: Part; readonly cursor: { readonly row: number; readonly column: number } },
): DialogView {
  const rows = parts.flatMap((part) => part.rows);
  if (typed === undefined) return { rows, cursor: undefined };
  const above = rowCount(parts.slice(0, parts.indexOf(typed.input)));
  return { rows, cursor: { ...typed.cursor, row: above + typed.cursor.row } };
}
