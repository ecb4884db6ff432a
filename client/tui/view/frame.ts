import { activeRoom } from '../../chat/model/model.ts';
import { isUnread, type Stretch } from '../../chat/model/room-model.ts';
import type { CursorPlace } from '../screen/frame-writer.ts';
import { dialogInputOf, draftEditor, type ScreenModel } from '../screen-model.ts';
import { statusRow, titleRow } from './bars.ts';
import { dialogView } from './dialog-rows.ts';
import type { RowCache } from './entry-rows.ts';
import { type InputView, inputRows } from './input-rows.ts';
import { type Layout, layoutOf, TIMELINE_MARGIN, timelineColumns } from './layout.ts';
import { noticeRows } from './notice-rows.ts';
import { memberRows, roomRows } from './panels.ts';
import { noRoomRows, startRows } from './start-rows.ts';
import { fitted, piece, type StyledRow } from './styled-row.ts';
import { unreadBanner } from './unread-rows.ts';
import { shownStretch, type ViewportOptions, visibleRows } from './viewport.ts';

/** Everything on the screen. Panels are undefined when they are hidden. */
export interface Frame {
  readonly layout: Layout;
  readonly title: StyledRow;
  readonly rooms: readonly StyledRow[] | undefined;
  readonly main: readonly StyledRow[];
  readonly members: readonly StyledRow[] | undefined;
  readonly status: StyledRow;
  readonly notices: readonly StyledRow[];
  readonly input: readonly StyledRow[];
  readonly cursor: CursorPlace | undefined;
}

const INPUT_ROWS_MAX = 6;
/** A lower timeline has no row to spare. */
const ROWS_FOR_BANNER = 3;
/** The title, one row of the timeline, and how things are. */
const ROWS_AROUND_INPUT = 3;

/** Pure: the same model and cache give the same frame. */
export function frameOf(model: ScreenModel, cache: RowCache): Frame {
  const { columns } = model.size;
  const room = activeRoom(model);
  const input = inputView(model);
  const notices = noticeRows(model);
  const layout = layoutOf(model, { inputRows: input?.rows.length ?? 1, noticeRows: notices.length });
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
    notices,
    input: input?.rows ?? [[]],
    cursor,
  };
}

function inputView(model: ScreenModel): InputView | undefined {
  const room = activeRoom(model);
  if (model.me === undefined || (room === undefined && model.dialog !== undefined)) return undefined;
  return inputRows({
    editor: draftEditor(model),
    prompt: '› ',
    promptStyle: 'accent',
    columns: model.size.columns,
    rowsMax: Math.max(1, Math.min(INPUT_ROWS_MAX, model.size.rows - ROWS_AROUND_INPUT)),
  });
}

/** Where things are on the screen as it is now. */
export function layoutOfModel(model: ScreenModel): Layout {
  const inputRows = inputView(model)?.rows.length ?? 1;
  return layoutOf(model, { inputRows, noticeRows: noticeRows(model).length });
}

function mainView(
  model: ScreenModel,
  cache: RowCache,
  layout: Layout,
): { readonly rows: readonly StyledRow[]; readonly cursor: CursorPlace | undefined } {
  const { mainColumns: columns, bodyRows: height } = layout;
  // The renderer cuts rows too, but by widths of its own.
  const fittedRow = (row: StyledRow): StyledRow => fitted(row, columns);
  if (model.me === undefined) {
    const above = startRows(model.start, columns);
    if (model.dialog === undefined) return { rows: above.slice(-height).map(fittedRow), cursor: undefined };
    const view = dialogView(model.dialog, dialogInputOf(model), columns, height);
    // What was settled stands above as far as there is room.
    const settled = above.slice(Math.max(0, above.length + view.rows.length - height));
    return {
      rows: [...settled, ...view.rows].map(fittedRow),
      cursor: view.cursor && { ...view.cursor, row: view.cursor.row + settled.length },
    };
  }
  if (model.dialog !== undefined) {
    const view = dialogView(model.dialog, dialogInputOf(model), columns, height);
    return { ...view, rows: view.rows.map(fittedRow) };
  }
  const room = activeRoom(model);
  if (room === undefined) {
    const rows = model.start.busy === undefined ? noRoomRows(columns) : startRows(model.start, columns);
    return { rows: rows.slice(0, height), cursor: undefined };
  }
  const options = {
    room,
    ignored: model.ignored,
    rows: cache.rows(timelineColumns(layout), model.ignored),
    height,
  };
  const shown = visibleRows(options);
  const empty = Array<StyledRow>(Math.max(0, height - shown.length)).fill([]);
  const rows = [...empty, ...shown.map(withMargin)];
  const { ignored, now } = model;
  const banner =
    height < ROWS_FOR_BANNER
      ? undefined
      : unreadBanner({ room, ignored, now, columns, hints: model.hints, shown: shownStretch(options) });
  return { rows: banner === undefined ? rows : [banner, ...rows.slice(1)], cursor: undefined };
}

/** The timeline of the room that is shown, on the screen as it is now; undefined: none is shown. */
export function timelineViewport(model: ScreenModel, cache: RowCache): ViewportOptions | undefined {
  const room = activeRoom(model);
  if (room === undefined) return undefined;
  const layout = layoutOfModel(model);
  return {
    room,
    ignored: model.ignored,
    rows: cache.rows(timelineColumns(layout), model.ignored),
    height: layout.bodyRows,
  };
}

/** What somebody who looks at the screen reads of what is unread. */
export function shownStretchOf(model: ScreenModel, cache: RowCache): Stretch | undefined {
  const room = activeRoom(model);
  if (room === undefined || model.me === undefined || model.dialog !== undefined || !isUnread(room))
    return undefined;
  const options = timelineViewport(model, cache);
  return options && shownStretch(options);
}

const margin = piece(' '.repeat(TIMELINE_MARGIN));
const indented = new WeakMap<StyledRow, StyledRow>();

/** The same row gives the same object, so that it is not drawn again. */
function withMargin(row: StyledRow): StyledRow {
  const known = indented.get(row) ?? [margin, ...row];
  indented.set(row, known);
  return known;
}
