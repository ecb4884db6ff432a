import type { PickerItem } from '../../chat/model/dialog.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate, wrapText } from '../../terminal/wrap-text.ts';
import { cell, fitted, piece, type Style, type StyledRow } from './styled-row.ts';

/** Labels take no more than this part of a list. */
const LABEL_SHARE_MAX = 0.45;
/** Below these a detail stands under its label. */
const COLUMNS_FOR_BOTH = 48;
const DETAIL_INDENT = 3;

interface ItemOptions {
  /** Index of the selected item. */
  readonly selected: number;
  /** Rows that one item takes at most; undefined: all that it needs. */
  readonly rowsMax: number | undefined;
}

/** The items around the selected one that fit, and how many do not. */
export function itemRows(
  items: readonly PickerItem[],
  { selected, rowsMax = Number.POSITIVE_INFINITY }: ItemOptions,
  columns: number,
  height: number,
): { readonly rows: readonly StyledRow[]; readonly hidden: number } {
  const widest = items.reduce((most, { label }) => Math.max(most, textWidth(visibleLine(label))), 0);
  const labelColumns = Math.min(Math.floor(columns * LABEL_SHARE_MAX), widest + 2);
  const rowsOf = (at: number): readonly StyledRow[] => {
    const item = items[at];
    if (item === undefined) return [];
    const texts = columns < COLUMNS_FOR_BOTH ? stacked(item, columns) : beside(item, columns, labelColumns);
    const style: Style = at === selected ? 'selected' : 'plain';
    const detailStyle: Style = at === selected ? 'selected' : 'dim';
    return cut(texts, rowsMax, columns).map(({ label, detail }) =>
      fitted([piece(label, style), piece(detail, detailStyle)], columns, style),
    );
  };
  const { first, end } = inSight(items.length, selected, height, (at) => rowsOf(at).length);
  const rows: StyledRow[] = [];
  for (let at = first; at < end; at += 1) rows.push(...rowsOf(at));
  return { rows: rows.slice(0, height), hidden: items.length - (end - first) };
}

interface ItemRow {
  readonly label: string;
  readonly detail: string;
}

function beside({ label, detail }: PickerItem, columns: number, labelColumns: number): readonly ItemRow[] {
  const labels = wrapText(visibleLine(label), labelColumns - 2);
  const details = wrapText(visibleLine(detail), columns - labelColumns);
  return Array.from({ length: Math.max(labels.length, details.length) }, (_, at) => ({
    label: ` ${cell(labels[at] ?? '', labelColumns - 2)} `,
    detail: details[at] ?? '',
  }));
}

function stacked({ label, detail }: PickerItem, columns: number): readonly ItemRow[] {
  return [
    ...wrapText(visibleLine(label), columns - 1).map((text) => ({ label: ` ${text}`, detail: '' })),
    ...(detail === '' ? [] : wrapText(visibleLine(detail), columns - DETAIL_INDENT)).map((text) => ({
      label: ' '.repeat(DETAIL_INDENT),
      detail: text,
    })),
  ];
}

function cut(rows: readonly ItemRow[], rowsMax: number, columns: number): readonly ItemRow[] {
  const last = rows[rowsMax - 1];
  if (rows.length <= rowsMax || last === undefined) return rows;
  const detail = truncate(`${last.detail} …`, Math.max(1, columns - textWidth(last.label)));
  return [...rows.slice(0, rowsMax - 1), { label: last.label, detail }];
}

/** As far as possible as many rows above the selected item as below it. */
function inSight(
  count: number,
  selected: number,
  height: number,
  rowsOf: (at: number) => number,
): { readonly first: number; readonly end: number } {
  if (count === 0) return { first: 0, end: 0 };
  let [first, end] = [selected, selected + 1];
  let [above, below] = [0, 0];
  let left = height - rowsOf(selected);
  for (;;) {
    const before = first > 0 ? rowsOf(first - 1) : Number.POSITIVE_INFINITY;
    const after = end < count ? rowsOf(end) : Number.POSITIVE_INFINITY;
    if (before <= left && (above <= below || after > left)) {
      first -= 1;
      above += before;
      left -= before;
    } else if (after <= left) {
      end += 1;
      below += after;
      left -= after;
    } else return { first, end };
  }
}
