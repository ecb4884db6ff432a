import { visibleLine } from '../../terminal/visible-text.ts';
import { activeRoom, type Model } from '../model/model.ts';
import type { CursorPlace } from '../screen/frame-writer.ts';
import { statusRow, titleRow } from './bars.ts';
import { dialogView } from './dialog-rows.ts';
import { type InputView, inputRows } from './input-rows.ts';
import { type Layout, layoutOf, TIMELINE_MARGIN, timelineColumns } from './layout.ts';
import { memberRows, roomRows } from './panels.ts';
import type { RowCache } from './row-cache.ts';
import { noRoomRows, startRows } from './start-rows.ts';
import { fitted, piece, type StyledRow } from './styled-row.ts';
import { visibleRows } from './viewport.ts';

/** Everything on the screen. Panels are undefined when they are hidden. */
export interface Frame {
  readonly layout: Layout;
  readonly title: StyledRow;
  readonly rooms: readonly StyledRow[] | undefined;
  readonly main: readonly StyledRow[];
  readonly members: readonly StyledRow[] | undefined;
  readonly status: StyledRow;
  readonly notice: StyledRow | undefined;
  readonly input: readonly StyledRow[];
  readonly cursor: CursorPlace | undefined;
}

const INPUT_ROWS_MAX = 6;
/** The title, one row of the timeline, and how things are. */
const ROWS_AROUND_INPUT = 3;

/** Pure: the same model and cache give the same frame. */
export function frameOf(model: Model, cache: RowCache): Frame {
  const { columns } = model.size;
  const room = activeRoom(model);
  const input = inputView(model);
  const layout = layoutOf(model, input?.rows.length ?? 1);
  const main = mainView(model, cache, layout);
  const cursor =
    model.dialog === undefined
      ? input && { row: layout.inputTop + input.cursor.row, column: input.cursor.column }
      : main.cursor && {
          row: layout.bodyTop + main.cursor.row,
          column: layout.mainLeft + main.cursor.column,
        };
  return {
    layout,
    title: titleRow(model, columns),
    rooms: layout.roomColumns > 0 ? roomRows(model, layout.roomColumns, layout.bodyRows) : undefined,
    main: main.rows,
    members:
      layout.memberColumns > 0 && room !== undefined
        ? memberRows(room, layout.memberColumns, layout.bodyRows)
        : undefined,
    status: statusRow(model, columns),
    notice: noticeRow(model, columns),
    input: input?.rows ?? [[]],
    cursor,
  };
}

function inputView(model: Model): InputView | undefined {
  const room = activeRoom(model);
  if (model.me === undefined || (room === undefined && model.dialog !== undefined)) return undefined;
  return inputRows({
    editor: room?.draft ?? model.lobbyDraft,
    prompt: '› ',
    promptStyle: 'accent',
    columns: model.size.columns,
    rowsMax: Math.max(1, Math.min(INPUT_ROWS_MAX, model.size.rows - ROWS_AROUND_INPUT)),
  });
}

/** Where things are on the screen as it is now. */
export function layoutOfModel(model: Model): Layout {
  return layoutOf(model, inputView(model)?.rows.length ?? 1);
}

/** One line: the search through the input history, or what was said last. */
function noticeRow({ notice, search }: Model, columns: number): StyledRow | undefined {
  if (search !== undefined) {
    const found = search.found ?? (search.query === '' ? '' : 'nothing was written like this');
    return fitted(
      [
        piece(' search: ', 'dim'),
        piece(visibleLine(search.query), 'accent'),
        piece(` → ${visibleLine(found)}`),
      ],
      columns,
    );
  }
  if (notice === undefined) return undefined;
  const style = notice.tone === 'info' ? 'accent' : 'warning';
  return fitted([piece(` ${visibleLine(notice.text)}`, style)], columns);
}

function mainView(
  model: Model,
  cache: RowCache,
  layout: Layout,
): { readonly rows: readonly StyledRow[]; readonly cursor: CursorPlace | undefined } {
  const { mainColumns: columns, bodyRows: height } = layout;
  // The renderer cuts rows too, but by widths of its own.
  const fittedRow = (row: StyledRow): StyledRow => fitted(row, columns);
  if (model.me === undefined) {
    const above = startRows(model.start, columns);
    if (model.dialog === undefined) return { rows: above.slice(-height).map(fittedRow), cursor: undefined };
    const view = dialogView(model.dialog, columns, height);
    // What was settled stands above as far as there is room.
    const settled = above.slice(Math.max(0, above.length + view.rows.length - height));
    return {
      rows: [...settled, ...view.rows].map(fittedRow),
      cursor: view.cursor && { ...view.cursor, row: view.cursor.row + settled.length },
    };
  }
  if (model.dialog !== undefined) {
    const view = dialogView(model.dialog, columns, height);
    return { ...view, rows: view.rows.map(fittedRow) };
  }
  const room = activeRoom(model);
  if (room === undefined) {
    const rows = model.start.busy === undefined ? noRoomRows : startRows(model.start, columns);
    return { rows: rows.slice(0, height), cursor: undefined };
  }
  const shown = visibleRows({
    room,
    ignored: model.ignored,
    rows: cache.rows(timelineColumns(layout)),
    height,
  });
  const empty = Array<StyledRow>(Math.max(0, height - shown.length)).fill([]);
  return { rows: [...empty, ...shown.map(withMargin)], cursor: undefined };
}

const margin = piece(' '.repeat(TIMELINE_MARGIN));
const indented = new WeakMap<StyledRow, StyledRow>();

/** The same row gives the same object, so that it is not drawn again. */
function withMargin(row: StyledRow): StyledRow {
  const known = indented.get(row) ?? [margin, ...row];
  indented.set(row, known);
  return known;
}
