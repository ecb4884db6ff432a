import type { UserName } from '../../../src/protocol/names.ts';
import { type Echo, type Entry, type Ignored, isIgnored } from '../model/entry.ts';
import type { ReadLine, RoomModel, ScrollPlace, Stretch } from '../model/room-model.ts';
import { dayName, dayNumber } from './dates.ts';
import type { EntryRows } from './entry-rows.ts';
import { piece, ruler, type StyledRow } from './styled-row.ts';
import { unreadLabel } from './unread-label.ts';

type Item = Entry | Echo;

export interface ViewportOptions {
  readonly room: RoomModel;
  readonly ignored: Ignored;
  readonly rows: EntryRows;
  /** Rows of the screen. */
  readonly height: number;
}

/** The rows of a timeline that are on the screen: at most `height`. Only what is near them is looked at. */
export function visibleRows(options: ViewportOptions): readonly StyledRow[] {
  const list = new Blocks(options);
  const place = list.placeOf(options.room.scroll);
  const found: StyledRow[] = [];
  for (let index = place.index; index >= 0 && found.length < options.height; index -= 1) {
    const block = list.rowsAt(index);
    const end = index === place.index ? block.length - place.rowsBelow : block.length;
    for (let row = end - 1; row >= 0 && found.length < options.height; row -= 1) {
      const shown = block[row];
      if (shown !== undefined) found.push(shown);
    }
  }
  return found.reverse();
}

/**
 * Where the screen stands after moving by `rows`, up when positive. `undefined`: at the bottom. `atTop`: nothing that is
 * loaded lies above.
 */
export function scrolledPlace(
  options: ViewportOptions,
  rows: number,
): { readonly place: ScrollPlace | undefined; readonly atTop: boolean } {
  const list = new Blocks(options);
  let { index, rowsBelow } = list.placeOf(options.room.scroll);
  rowsBelow += rows;
  while (index > 0 && rowsBelow >= list.rowsAt(index).length) {
    rowsBelow -= list.rowsAt(index).length;
    index -= 1;
  }
  while (rowsBelow < 0 && index < list.count - 1) {
    index += 1;
    rowsBelow += list.rowsAt(index).length;
  }
  if (rowsBelow < 0) return { place: undefined, atTop: false };
  const highest = list.highest(options.height);
  if (highest === undefined) return { place: undefined, atTop: true };
  const isAbove = index < highest.index || (index === highest.index && rowsBelow >= highest.rowsBelow);
  const stop = isAbove ? highest : { index, rowsBelow };
  const item = list.itemAt(stop.index);
  const isBottom = stop.index === list.count - 1 && stop.rowsBelow === 0;
  return {
    place: isBottom || item === undefined ? undefined : { item, rowsBelow: stop.rowsBelow },
    atTop: isAbove,
  };
}

/**
 * The first unread message at the top of the screen, or where the unread ones began when all were read by now; undefined
 * when nothing is, and nothing was.
 */
export function placeOfFirstUnread(options: ViewportOptions): ScrollPlace | undefined {
  const list = new Blocks(options);
  const { readLine, timeline, unread, read } = options.room;
  const after = unread > 0 ? read : readLine?.after;
  if (after === undefined) return undefined;
  const first = timeline.entries.findIndex((entry) => entry.kind !== 'event' && entry.seq > after);
  if (first < 0) return undefined;
  let rows = 0;
  for (let index = first; index < list.count; index += 1) {
    rows += list.rowsAt(index).length;
    const item = list.itemAt(index);
    if (rows >= options.height && item !== undefined) return { item, rowsBelow: rows - options.height };
  }
  return undefined;
}

/** The next mention after the middle of the screen, or the one before it, in the middle; undefined when there is none. */
export function placeOfMention(options: ViewportOptions, step: 1 | -1): ScrollPlace | undefined {
  const list = new Blocks(options);
  const below = Math.floor(options.height / 2);
  const shown = shownMiddle(list, options);
  for (let index = shown + step; index >= 0 && index < list.count; index += step) {
    const item = list.itemAt(index);
    if (item === undefined || !('kind' in item) || item.kind !== 'message' || !item.mention) continue;
    if (isIgnored(item.from, options.ignored)) continue;
    const { place } = scrolledPlace(
      { ...options, room: { ...options.room, scroll: { item, rowsBelow: 0 } } },
      -below,
    );
    return place ?? { item, rowsBelow: 0 };
  }
  return undefined;
}

/** What stands in the middle of the screen; beyond the newest when that is at the bottom. */
function shownMiddle(list: Blocks, options: ViewportOptions): number {
  if (options.room.scroll === undefined) return list.count;
  const place = list.placeOf(options.room.scroll);
  let left = Math.floor(options.height / 2) + place.rowsBelow;
  let index = place.index;
  while (index > 0 && left >= list.rowsAt(index).length) {
    left -= list.rowsAt(index).length;
    index -= 1;
  }
  return index;
}

/** The positions of which at least a row is on the screen; undefined when there are none. */
export function shownStretch(options: ViewportOptions): Stretch | undefined {
  const list = new Blocks(options);
  const place = list.placeOf(options.room.scroll);
  let left = options.height + place.rowsBelow;
  let [from, to]: [number | undefined, number | undefined] = [undefined, undefined];
  for (let index = place.index; index >= 0 && left > 0; index -= 1) {
    const item = list.itemAt(index);
    left -= list.rowsAt(index).length;
    if (item === undefined || !('kind' in item) || item.kind === 'event') continue;
    from = item.seq;
    to ??= item.seq;
  }
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** The items of a timeline, each with the lines that stand before it. */
class Blocks {
  readonly #options: ViewportOptions;
  readonly #entries: readonly Entry[];
  readonly #echoes: readonly Echo[];

  constructor(options: ViewportOptions) {
    this.#options = options;
    this.#entries = options.room.timeline.entries;
    this.#echoes = options.room.timeline.echoes;
  }

  get count(): number {
    return this.#entries.length + this.#echoes.length;
  }

  itemAt(index: number): Item | undefined {
    return this.#entries[index] ?? this.#echoes[index - this.#entries.length];
  }

  placeOf(scroll: ScrollPlace | undefined): { readonly index: number; readonly rowsBelow: number } {
    const bottom = { index: this.count - 1, rowsBelow: 0 };
    if (scroll === undefined) return bottom;
    const { item, rowsBelow } = scroll;
    const index = 'kind' in item ? this.#entries.lastIndexOf(item) : this.#indexOfEcho(item);
    if (index < 0 || index >= this.count) return bottom;
    return { index, rowsBelow: Math.min(rowsBelow, Math.max(0, this.rowsAt(index).length - 1)) };
  }

  #indexOfEcho({ key }: Echo): number {
    const index = this.#echoes.findIndex((echo) => echo.key === key);
    return index < 0 ? index : this.#entries.length + index;
  }

  /** The place at which the first row is at the top of the screen; undefined when all rows fit. */
  highest(height: number): { readonly index: number; readonly rowsBelow: number } | undefined {
    let total = 0;
    for (let index = 0; index < this.count; index += 1) {
      total += this.rowsAt(index).length;
      if (total > height || (total === height && index < this.count - 1))
        return { index, rowsBelow: total - height };
    }
    return undefined;
  }

  rowsAt(index: number): readonly StyledRow[] {
    const item = this.itemAt(index);
    if (item === undefined) return [];
    const before = this.#linesBefore(index, item);
    const rows =
      this.#ignoredAt(index) !== undefined ? this.#ignoredRows(index) : this.#options.rows.of(item);
    return before.length === 0 ? rows : [...before, ...rows];
  }

  #linesBefore(index: number, item: Item): readonly StyledRow[] {
    const { columns } = this.#options.rows;
    const lines: StyledRow[] = [];
    if (index === 0) lines.push(this.#beginning());
    const at = timeOf(item);
    const earlier = this.#timeBefore(index);
    if (at !== undefined && (earlier === undefined || dayNumber(earlier) !== dayNumber(at)))
      lines.push(ruler(dayName(at), columns, 'dim'));
    const line = this.#options.room.readLine;
    if (line !== undefined && this.#isFirstUnread(index, item, line))
      lines.push(ruler(unreadLabel(line, this.#newestTime()), columns, 'accent'));
    return lines;
  }

  #beginning(): StyledRow {
    const { room, rows } = this.#options;
    const { complete } = room.timeline;
    const text = complete
      ? 'beginning of what you can read'
      : room.loading
        ? 'loading older messages …'
        : 'PageUp loads older messages';
    const start = Math.max(0, Math.floor((rows.columns - text.length) / 2));
    return [piece(' '.repeat(start) + text, 'dim')];
  }

  #timeBefore(index: number): number | undefined {
    for (let i = index - 1; i >= 0; i -= 1) {
      const item = this.itemAt(i);
      const at = item === undefined ? undefined : timeOf(item);
      if (at !== undefined) return at;
    }
    return undefined;
  }

  #newestTime(): number {
    return this.#timeBefore(this.count) ?? 0;
  }

  #isFirstUnread(index: number, item: Item, { after }: ReadLine): boolean {
    const { timeline } = this.#options.room;
    if (!('kind' in item) || item.kind === 'event' || item.seq <= after) return false;
    for (let i = index - 1; i >= 0; i -= 1) {
      const earlier = this.#entries[i];
      if (earlier !== undefined && earlier.kind !== 'event') return earlier.seq <= after;
    }
    return timeline.from <= after;
  }

  /** Who wrote an item that is hidden. */
  #ignoredAt(index: number): UserName | undefined {
    const item = this.itemAt(index);
    if (item === undefined || !('kind' in item) || item.kind !== 'message') return undefined;
    return isIgnored(item.from, this.#options.ignored) ? item.from : undefined;
  }

  /** A run of hidden messages is one line, at its last. */
  #ignoredRows(index: number): readonly StyledRow[] {
    if (this.#ignoredAt(index + 1) !== undefined) return [];
    let count = 0;
    const names = new Set<UserName>();
    for (let name = this.#ignoredAt(index); name !== undefined; name = this.#ignoredAt(index - count)) {
      count += 1;
      names.add(name);
    }
    const [first = ''] = names;
    const whose = names.size > 1 ? `${names.size} people` : first;
    return this.#options.rows.hidden(`${count} ignored ${count === 1 ? 'message' : 'messages'} of ${whose}`);
  }
}

function timeOf(item: Item): number | undefined {
  return 'kind' in item && item.kind === 'gap' ? undefined : item.at;
}
