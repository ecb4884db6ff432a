import type { Ignored } from '../../chat/model/entry.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import { indexOf, isFoldedUp, itemAt, itemCount } from './timeline-items.ts';

/** Rows that are in the document at a time, besides those in sight. */
const ROWS = 120;
/** When so few are left beyond what is in sight, the window moves. */
const EDGE_ROWS = 25;

/** The part of a timeline that is in the document: from one item to another, the latter excluded. */
export class TimelineWindow {
  from = 0;
  to = 0;
  /** Rows in sight when it was looked at last: of short ones, a large page shows many. */
  inSight = 0;

  /** Moves it to what is held in its place, unless that is well inside. */
  around(room: RoomModel, ignored: Ignored): { readonly from: number; readonly to: number } {
    const count = itemCount(room);
    const { anchor } = room;
    const held = anchor === undefined ? -1 : indexOf(room, anchor.item);
    const at = held < 0 ? count : held;
    const away = (rows: number): number => indexAway(room, ignored, at, rows);
    this.to = Math.min(this.to, count);
    const isInside = this.from <= away(-EDGE_ROWS) && this.to >= away(this.inSight + EDGE_ROWS);
    if (anchor === undefined || !isInside) {
      const above = anchor === undefined ? ROWS + this.inSight : ROWS / 2;
      this.from = away(-above);
      this.to = away(this.inSight + ROWS / 2);
    }
    return { from: this.from, to: this.to };
  }
}

/**
 * The index that lies so many rows after another one, or before it, within the timeline. Lines between messages don't count, and what
 * is folded up counts once, however many messages it is.
 */
function indexAway(room: RoomModel, ignored: Ignored, from: number, rows: number): number {
  const step = Math.sign(rows);
  const end = step < 0 ? 0 : itemCount(room);
  let isFolded = false;
  let [index, left] = [from, Math.abs(rows)];
  for (; index !== end; index += step) {
    const item = itemAt(room, step < 0 ? index - 1 : index);
    const folds = item !== undefined && isFoldedUp(item, ignored);
    if (!folds || !isFolded) left -= 1;
    if (left < 0) break;
    isFolded = folds;
  }
  return index;
}
