import { clipped, gapsIn, type PositionSpan } from '../../domain/position-span.ts';
import type { PageBounds } from '../../ports/message-store.ts';
import { parseRoomId, type RoomId } from '../../protocol/ids.ts';
import { endOf, keyOf, NOTHING, numberAt } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { StoredRowFault } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

/**
 * The spans of a room lie in blocks of positions, so that an append finds the one that it would be in by one get. A row
 * holds the spans of its block, ascending, each as three f64, big endian: from · through · expires at.
 */
const BLOCK_POSITIONS = 1_024;
const SPAN_BYTES = 24;
const ROOM_BYTES = 16;

interface SettledSpan extends PositionSpan {
  readonly expiresAt: number;
}

export function isSettled(view: Pick<WriteView, 'get'>, room: RoomId, seq: number): boolean {
  const row = view.get('spans', blockKey(room, seq));
  return row !== undefined && decode(row).some(({ from, through }) => from <= seq && seq <= through);
}

/** Settles what neither a message nor another span holds; true: that was all of it. To be called alone: it reads ranges. */
export function settleSpan(
  view: WriteView,
  reader: TableReader,
  room: RoomId,
  span: PositionSpan,
  expiresAt: number,
): boolean {
  let isWhole = true;
  for (const part of blockParts(span)) {
    const key = blockKey(room, part.from);
    const before = decode(view.get('spans', key) ?? new Uint8Array());
    const bounds = { start: keyOf(room, part.from), end: keyOf(room, part.through + 1) };
    const held = reader.keys('messages', bounds).map((each) => ({ seq: numberAt(each, ROOM_BYTES) }));
    const settled = before.map(({ from, through }) => ({ seq: through, from }));
    const gaps = gapsIn(part, [...held, ...settled]).map((gap) => ({ ...gap, expiresAt }));
    isWhole &&= gaps.length === 1 && gaps[0]?.from === part.from && gaps[0].through === part.through;
    if (gaps.length === 0) continue;
    view.put('spans', key, encode([...before, ...gaps]));
    for (const { through } of gaps) view.put('message-expiry', keyOf(expiresAt, room, through), NOTHING);
  }
  return isWhole;
}

/** What of settled spans lies between the bounds, ascending; joined where blocks meet. */
export function spansBetween(
  reader: TableReader,
  room: RoomId,
  { after, through }: Pick<PageBounds, 'after' | 'through'>,
): readonly PositionSpan[] {
  const blocks = { start: blockKey(room, after + 1), end: keyOf(room, blockOf(through) + 1) };
  const spans: PositionSpan[] = [];
  for (const { value } of reader.range('spans', blocks)) {
    for (const span of decode(value)) {
      const part = clipped(span, after, through);
      const last = spans.at(-1);
      if (part === undefined) continue;
      if (last?.through === part.from - 1) spans.splice(-1, 1, { from: last.from, through: part.through });
      else spans.push(part);
    }
  }
  return spans;
}

/** Removes the part of a span that ends at this position, if there is one; its mark in the order of expiry stays. */
export function removeSpanAt(view: WriteView, room: RoomId, through: number): void {
  const key = blockKey(room, through);
  const kept = decode(view.get('spans', key) ?? new Uint8Array()).filter((span) => span.through !== through);
  if (kept.length === 0) view.remove('spans', key);
  else view.put('spans', key, encode(kept));
}

/** Removes spans of a room, at most so many blocks of them. Answers how many it removed. */
export function purgeSpans(view: WriteView, reader: TableReader, room: RoomId, blocksMax: number): number {
  const bounds = { start: keyOf(room), end: endOf(keyOf(room)), limit: blocksMax };
  const blocks = reader.range('spans', bounds);
  for (const { key, value } of blocks) {
    view.remove('spans', key);
    for (const { through, expiresAt } of decode(value))
      view.remove('message-expiry', keyOf(expiresAt, room, through));
  }
  return blocks.length;
}

/** The room and position of a key (room, seq). */
export function placeIn(key: Buffer): { readonly room: RoomId; readonly seq: number } {
  const room = parseRoomId(new Uint8Array(key.subarray(0, ROOM_BYTES)));
  if (room === undefined) throw new StoredRowFault('a message is in no room');
  return { room, seq: numberAt(key, ROOM_BYTES) };
}

const blockOf = (seq: number): number => Math.floor(seq / BLOCK_POSITIONS);
const blockKey = (room: RoomId, seq: number): Buffer => keyOf(room, blockOf(seq));

function blockParts({ from, through }: PositionSpan): readonly PositionSpan[] {
  const parts: PositionSpan[] = [];
  for (let first = from; first <= through; ) {
    const last = Math.min(through, (blockOf(first) + 1) * BLOCK_POSITIONS - 1);
    parts.push({ from: first, through: last });
    first = last + 1;
  }
  return parts;
}

function encode(spans: readonly SettledSpan[]): Buffer {
  const row = Buffer.allocUnsafe(spans.length * SPAN_BYTES);
  const ascending = [...spans].sort((a, b) => a.from - b.from);
  for (const [index, { from, through, expiresAt }] of ascending.entries()) {
    row.writeDoubleBE(from, index * SPAN_BYTES);
    row.writeDoubleBE(through, index * SPAN_BYTES + 8);
    row.writeDoubleBE(expiresAt, index * SPAN_BYTES + 16);
  }
  return row;
}

function decode(row: Uint8Array): readonly SettledSpan[] {
  if (row.length % SPAN_BYTES !== 0) throw new StoredRowFault('a row of spans is cut');
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  return Array.from({ length: row.length / SPAN_BYTES }, (_, index) => ({
    from: view.getFloat64(index * SPAN_BYTES),
    through: view.getFloat64(index * SPAN_BYTES + 8),
    expiresAt: view.getFloat64(index * SPAN_BYTES + 16),
  }));
}
