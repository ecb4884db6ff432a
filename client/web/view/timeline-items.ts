import { dayName, dayNumber } from '../../chat/model/dates.ts';
import { type Echo, type Entry, type Ignored, isIgnored, type MessageEntry } from '../../chat/model/entry.ts';
import { isUnread, type RoomModel } from '../../chat/model/room-model.ts';

export type Item = Entry | Echo;

/** What is drawn of a timeline, from the top down. */
export type Row =
  | { readonly kind: 'item'; readonly key: string; readonly item: Item }
  | { readonly kind: 'day'; readonly key: string; readonly text: string }
  | { readonly kind: 'unread'; readonly key: string }
  /** Messages of people whose messages are hidden, one after the other. */
  | {
      readonly kind: 'ignored';
      readonly key: string;
      readonly count: number;
      readonly from: readonly string[];
    };

export function itemCount({ timeline: { echoes, entries } }: RoomModel): number {
  return entries.length + echoes.length;
}

export function itemAt({ timeline: { echoes, entries } }: RoomModel, index: number): Item | undefined {
  return entries[index] ?? echoes[index - entries.length];
}

/** Where an item stands; below 0: nowhere any more. */
export function indexOf({ timeline: { echoes, entries } }: RoomModel, item: Item): number {
  if ('kind' in item) return entries.lastIndexOf(item);
  const index = echoes.findIndex(({ key }) => key === item.key);
  return index < 0 ? index : entries.length + index;
}

const eventKeys = new WeakMap<Item, string>();
let events = 0;

/** Names an item as long as it stands there, also when what was done to it made another entry. */
export function keyOf(item: Item): string {
  if (!('kind' in item)) return `e${item.key}`;
  if (item.kind === 'message') return `m${item.seq}`;
  if (item.kind === 'gap') return `g${item.seq}`;
  const known = eventKeys.get(item);
  if (known !== undefined) return known;
  events += 1;
  eventKeys.set(item, `h${events}`);
  return `h${events}`;
}

/** The rows of the items from one index to another, the latter excluded. */
export function rowsOf(room: RoomModel, ignored: Ignored, from: number, to: number): readonly Row[] {
  const rows: Row[] = [];
  let day = dayBefore(room, from);
  let isLineDrawn = false;
  for (let index = from; index < to; index += 1) {
    const item = itemAt(room, index);
    if (item === undefined) continue;
    const at = 'at' in item ? item.at : undefined;
    if (at !== undefined && dayNumber(at) !== day) {
      day = dayNumber(at);
      rows.push({ kind: 'day', key: `d${day}`, text: dayName(at) });
    }
    if (!isLineDrawn && isFirstUnread(room, index, item)) {
      rows.push({ kind: 'unread', key: 'unread' });
      isLineDrawn = true;
    }
    if (isFoldedUp(item, ignored)) addIgnored(rows, item);
    else rows.push({ kind: 'item', key: keyOf(item), item });
  }
  return rows;
}

/** Drawn with others of the kind as one row. */
export function isFoldedUp(item: Item, ignored: Ignored): item is MessageEntry {
  return 'kind' in item && item.kind === 'message' && isIgnored(item.from, ignored);
}

function addIgnored(rows: Row[], item: Item & { readonly from: string }): void {
  const last = rows.at(-1);
  if (last?.kind !== 'ignored')
    rows.push({ kind: 'ignored', key: `i${keyOf(item)}`, count: 1, from: [item.from] });
  else
    rows[rows.length - 1] = {
      ...last,
      count: last.count + 1,
      from: [...new Set([...last.from, item.from])],
    };
}

function dayBefore(room: RoomModel, index: number): number | undefined {
  for (let at = index - 1; at >= 0; at -= 1) {
    const item = itemAt(room, at);
    if (item !== undefined && 'at' in item) return dayNumber(item.at);
  }
  return undefined;
}

/** The line stands above the first message after what was read when somebody began to look. */
function isFirstUnread(room: RoomModel, index: number, item: Item): boolean {
  const after = room.readLine?.after;
  if (after === undefined || !('seq' in item) || item.seq <= after) return false;
  for (let at = index - 1; at >= 0; at -= 1) {
    const before = itemAt(room, at);
    if (before !== undefined && 'seq' in before) return before.seq <= after;
  }
  return room.timeline.from <= after;
}

/** Whether unread messages lie above a position. */
export function isUnreadAbove(room: RoomModel, first: number): boolean {
  return isUnread(room) && (room.mayHaveMoreUnread || room.read + 1 < first);
}
