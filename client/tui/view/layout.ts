import { activeRoom } from '../../chat/model/model.ts';
import type { ScreenModel } from '../screen-model.ts';

/** Where things are, in rows and columns from 0. */
export interface Layout {
  readonly bodyTop: number;
  readonly bodyRows: number;
  /** 0: hidden. */
  readonly roomColumns: number;
  readonly mainLeft: number;
  readonly mainColumns: number;
  readonly memberColumns: number;
  readonly inputTop: number;
}

/** Below these a panel would take what the timeline needs. */
const COLUMNS_FOR_ROOMS = 60;
const COLUMNS_FOR_MEMBERS = 100;
const SEPARATOR = 1;
const MAIN_COLUMNS_MIN = 20;
const TITLE_ROWS = 1;
const STATUS_ROWS = 1;
export const TIMELINE_MARGIN = 1;

export function layoutOf(
  model: ScreenModel,
  { inputRows, noticeRows }: { readonly inputRows: number; readonly noticeRows: number },
): Layout {
  const { columns, rows } = model.size;
  const { panels, panelColumns } = model;
  const hasRooms = model.me !== undefined && panels.rooms && columns >= COLUMNS_FOR_ROOMS;
  const wantsMembers = panels.members === 'if-wide' ? showsMembers(columns) : panels.members;
  const hasMembers = wantsMembers && activeRoom(model) !== undefined && columns >= COLUMNS_FOR_ROOMS;
  const roomColumns = hasRooms ? panelColumns.rooms : 0;
  const memberColumns = hasMembers ? panelColumns.members : 0;
  const around =
    (roomColumns > 0 ? roomColumns + SEPARATOR : 0) + (memberColumns > 0 ? memberColumns + SEPARATOR : 0);
  const bodyRows = Math.max(1, rows - TITLE_ROWS - STATUS_ROWS - noticeRows - inputRows);
  return {
    bodyTop: TITLE_ROWS,
    bodyRows,
    roomColumns,
    mainLeft: roomColumns > 0 ? roomColumns + SEPARATOR : 0,
    mainColumns: Math.max(MAIN_COLUMNS_MIN, columns - around),
    memberColumns,
    inputTop: TITLE_ROWS + bodyRows + STATUS_ROWS + noticeRows,
  };
}

/** The timeline keeps a column free of the line beside it. */
export function timelineColumns({ mainColumns }: Layout): number {
  return mainColumns - TIMELINE_MARGIN;
}

/** Whether the members show when nobody said anything about them. */
export function showsMembers(columns: number): boolean {
  return columns >= COLUMNS_FOR_MEMBERS;
}
