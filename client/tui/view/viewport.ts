import type { UserName } from '../../../src/protocol/names.ts';
import { dayName, dayNumber } from '../../chat/model/dates.ts';
import { type Echo, type Entry, type Ignored, isIgnored } from '../../chat/model/entry.ts';
import { unreadLabel } from '../../chat/model/reading.ts';
import type { Anchor, ReadLine, RoomModel, Stretch } from '../../chat/model/room-model.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import type { EntryRows } from './entry-rows.ts';
import { piece, ruler, type StyledRow } from './styled-row.ts';

const { timeline } = tuiTexts;

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
  if (list.count === 0) return emptyRows(options);
  const place = list.place;
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

/** Of a room without messages, once it is known to have none. */
function emptyRows({ room, rows }: ViewportOptions): readonly StyledRow[] {
  return room.open && room.timeline.complete ? [centred(timeline.nothing_yet, rows.columns)] : [];
}

function centred(text: string, columns: number): StyledRow {
  const start = Math.max(0, Math.floor((columns - textWidth(text)) / 2));
  return [piece(' '.repeat(start) + text, 'dim')];
}

/**
 * Where the screen stands after moving by `rows`, up when positive. `undefined`: at the bottom. `atTop`: nothing that is
 * loaded lies above.
 */
export function scrolledAnchor(
  options: ViewportOptions,
  rows: number,
): { readonly anchor: Anchor | undefined; readonly atTop: boolean } {
  const list = new Blocks(options);
  const moved = list.moved(list.place, rows);
  if (moved.rowsBelow < 0) return { anchor: undefined, atTop: false };
  const { highest } = list;
  if (highest === undefined) return { anchor: undefined, atTop: true };
  const isAbove = !isBelow(moved, highest);
  const { index, rowsBelow } = isAbove ? highest : moved;
  const item = list.itemAt(index);
  const isBottom = index === list.count - 1 && rowsBelow === 0;
  return {
    anchor: isBottom || item === undefined ? undefined : { item, block: 'end', offset: rowsBelow },
    atTop: isAbove,
  };
}

/** What stands in the middle of the screen, or was jumped to there; undefined: the newest is at the bottom. */
export function middleEntry(options: ViewportOptions): Entry | undefined {
  const { anchor } = options.room;
  if (anchor === undefined) return undefined;
  if (anchor.block === 'center') return 'kind' in anchor.item ? anchor.item : undefined;
  const list = new Blocks(options);
  const { index } = list.moved(list.place, Math.floor(options.height / 2));
  return options.room.timeline.entries[index];
}

/** The positions of which at least a row is on the screen; undefined when there are none. */
export function shownStretch(options: ViewportOptions): Stretch | undefined {
  const list = new Blocks(options);
  const place = list.place;
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

/** A row of the timeline: that of an item with so many of its rows below it. */
interface Place {
  readonly index: number;
  readonly rowsBelow: number;
}

function isBelow(a: Place, b: Place): boolean {
  return a.index > b.index || (a.index === b.index && a.rowsBelow < b.rowsBelow);
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

  /** What stands at the bottom of the screen. */
  get place(): Place {
    const bottom = { index: this.count - 1, rowsBelow: 0 };
    const { anchor } = this.#options.room;
    if (anchor === undefined) return bottom;
    const { item, block, offset } = anchor;
    const index = 'kind' in item ? this.#entries.lastIndexOf(item) : this.#indexOfEcho(item);
    if (index < 0 || index >= this.count) return bottom;
    if (block === 'start') return this.#below(index) ?? bottom;
    if (block === 'center') return this.#around(index);
    return { index, rowsBelow: Math.min(offset, Math.max(0, this.rowsAt(index).length - 1)) };
  }

  /** The place so many rows above another; below 0: under everything. */
  moved({ index, rowsBelow }: Place, rows: number): Place {
    let at = index;
    let below = rowsBelow + rows;
    while (at > 0 && below >= this.rowsAt(at).length) {
      below -= this.rowsAt(at).length;
      at -= 1;
    }
    while (below < 0 && at < this.count - 1) {
      at += 1;
      below += this.rowsAt(at).length;
    }
    return { index: at, rowsBelow: below };
  }

  /** The bottom of a screen with this item at its top; undefined: what follows does not fill it. */
  #below(first: number): Place | undefined {
    let rows = 0;
    for (let index = first; index < this.count; index += 1) {
      rows += this.rowsAt(index).length;
      if (rows >= this.#options.height) return { index, rowsBelow: rows - this.#options.height };
    }
    return undefined;
  }

  /** The bottom of a screen with this item in its middle, or at its bottom where too little follows. */
  #around(index: number): Place {
    const moved = this.moved({ index, rowsBelow: 0 }, -Math.floor(this.#options.height / 2));
    const isBottom = moved.index === this.count - 1 && moved.rowsBelow === 0;
    const { highest } = this;
    if (moved.rowsBelow < 0 || isBottom || highest === undefined) return { index, rowsBelow: 0 };
    return isBelow(moved, highest) ? moved : highest;
  }

  #indexOfEcho({ key }: Echo): number {
    const index = this.#echoes.findIndex((echo) => echo.key === key);
    return index < 0 ? index : this.#entries.length + index;
  }

  /** The place at which the first row is at the top of the screen; undefined when all rows fit. */
  get highest(): Place | undefined {
    const { height } = this.#options;
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
      this.#ignoredAt(index) !== undefined
        ? this.#ignoredRows(index)
        : this.#options.rows.of(item, this.#isSelected(item));
    return before.length === 0 ? rows : [...before, ...rows];
  }

  #isSelected(item: Item): boolean {
    const { selected } = this.#options.room;
    return selected !== undefined && 'kind' in item && item.kind === 'message' && item.seq === selected;
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
    const key = rows.hints.of('page-up');
    const text = room.kept
      ? timeline.older_kept
      : complete
        ? timeline.beginning
        : room.loading
          ? timeline.loading_older
          : key === undefined
            ? timeline.older
            : timeline.loads_older(key);
    return centred(text, rows.columns);
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
    const whose = names.size > 1 ? timeline.ignored_people(names.size) : first;
    return this.#options.rows.hidden(timeline.ignored(count, whose));
  }
}

function timeOf(item: Item): number | undefined {
  return 'kind' in item && item.kind === 'gap' ? undefined : item.at;
}
