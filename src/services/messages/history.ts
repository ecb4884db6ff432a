import { setTimeout as pause } from 'node:timers/promises';
import { memberOf } from '../../domain/roster.ts';
import type { MessageStore, PageBounds, PositionRow } from '../../ports/message-store.ts';
import type { RoomStore } from '../../ports/room-store.ts';
import { type Refusal, refuse } from '../../protocol/error-reply.ts';
import type { RoomId, UserId } from '../../protocol/ids.ts';
import type { ReplyBody, RequestBody } from '../../protocol/requests.ts';
import type { History } from '../api.ts';
import type { Caller } from '../caller.ts';
import type { RoomViews } from '../rooms/room-views.ts';
import type { WallClock } from '../service-parts.ts';
import { HistoryPage } from './history-page.ts';
import { DAY_MS, missingFrom, type PositionSpan, SETTLE_POSITIONS_MAX, type Settling } from './settling.ts';

/** Reads of the room for one page; a page of fewer messages than asked for says `more`. */
export const STRETCHES_MAX = 3;
/** Rows read at a time at least: most of them may hold nothing for this reader. */
const ROWS_MIN = 64;

/** Positions below the head that appends may still be on their way to. */
const NEAR_HEAD = 256;
/** Appends under way get a moment to end: settling a position at once would push its append to another, and its sender to another try. In ms. */
const APPEND_GRACE_MS = 60;

/** Positions of a room that one reader may be told of. */
interface Readable extends PositionSpan {
  readonly room: RoomId;
  readonly reader: UserId;
  readonly retention: number;
  readonly goneThrough: number;
  readonly head: number;
}

/** Rows that speak for every position of the span. */
interface Stretch {
  readonly rows: readonly PositionRow[];
  readonly span: PositionSpan;
}

interface HistoryParts {
  readonly messages: MessageStore;
  readonly rooms: RoomStore;
  readonly views: RoomViews;
  readonly settling: Settling;
  readonly wallClock: WallClock;
}

/**
 * Pages of a reader's own copies. Before a page says that there is nothing at a position, the position is settled: what
 * comes late is put elsewhere, behind.
 */
export class RoomHistory implements History {
  readonly #parts: HistoryParts;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  async page(caller: Caller, body: RequestBody<'history'>): Promise<ReplyBody<'history'> | Refusal> {
    const { room, after, before, limit } = body;
    if ((after === undefined) === (before === undefined) || limit === 0) {
      return refuse('bad_request', { message: 'history: either after or before, and a limit of 1 or more' });
    }
    const current = await this.#parts.views.current(room);
    const member = current === undefined ? undefined : memberOf(current.view, caller.user);
    if (current === undefined || member === undefined) return refuse('not_a_member');
    const { view, head } = current;
    const { retention, goneThrough = 0 } = view;
    const reader = { room, reader: caller.user, retention, goneThrough };
    const readable = { ...reader, after: member.joined, through: head, head };
    return before === undefined
      ? this.#forwards(readable, after ?? 0, limit)
      : this.#backwards(readable, before, limit);
  }

  async #forwards(readable: Readable, after: number, limit: number): Promise<ReplyBody<'history'>> {
    const { head } = readable;
    const page = new HistoryPage('ascending', limit);
    let through = Math.max(after, readable.after);
    if (readable.retention === 0) return page.reply(Math.max(through, head), false);
    for (let count = 0; count < STRETCHES_MAX && through < head && !page.isFull; count += 1) {
      const left = { ...readable, after: through };
      const { rows, span } = await this.#stretch(left, 'ascending', page.wanted);
      through = page.add(rows) ?? span.through;
    }
    return page.reply(through, through < head);
  }

  async #backwards(readable: Readable, before: number, limit: number): Promise<ReplyBody<'history'>> {
    const lowest = Math.min(before, readable.after + 1);
    const page = new HistoryPage('descending', limit);
    if (readable.retention === 0) return page.reply(lowest, false);
    // The lowest position that the page speaks for so far; `before` itself is not among them yet.
    let down = Math.min(before, readable.through + 1);
    for (let count = 0; count < STRETCHES_MAX && down > lowest && !page.isFull; count += 1) {
      const left = { ...readable, through: down - 1 };
      const { rows, span } = await this.#stretch(left, 'descending', page.wanted);
      down = page.add(rows) ?? span.after + 1;
    }
    return page.reply(down, down > lowest);
  }

  /** What is readable from one end on, settled. Covers at least one position of a span that is not empty. */
  async #stretch(readable: Readable, order: PageBounds['order'], wanted: number): Promise<Stretch> {
    const { rooms, settling } = this.#parts;
    const { room, retention, head } = readable;
    const limit = Math.max(ROWS_MIN, wanted);
    let found = await this.#read(readable, order, limit);
    if (found.rows.length === found.span.through - found.span.after) return found;
    const settledThrough = (await rooms.byId(room))?.settledThrough ?? 0;
    if (unsettledIn(found, settledThrough, order).some((seq) => seq > head - NEAR_HEAD)) {
      await pause(APPEND_GRACE_MS);
      found = await this.#read(readable, order, limit);
    }
    const missing = unsettledIn(found, settledThrough, order);
    // What would be settled one position too many ends the stretch before it.
    const beyond = missing.length > SETTLE_POSITIONS_MAX ? missing.at(-1) : undefined;
    const span = beyond === undefined ? found.span : spanBefore(found.span, order, beyond);
    const positions = missing.slice(0, SETTLE_POSITIONS_MAX);
    if (positions.length === 0) return found;
    await settling.settle(room, positions, retention);
    if (span.after <= settledThrough) settling.noteSettled(room, span.through);
    // What came before its position was settled is there now.
    const bounds = boundsOf(span, order, found.rows.length + positions.length);
    return { rows: await this.#page(readable, bounds), span };
  }

  async #page(
    { room, reader, retention, goneThrough }: Readable,
    bounds: PageBounds,
  ): Promise<readonly PositionRow[]> {
    const { messages, wallClock } = this.#parts;
    const rows = await messages.page(room, reader, bounds);
    const bornAfter = Math.max(goneThrough, wallClock.nowMs() - retention * DAY_MS);
    return rows.map((row) => livingRow(row, bornAfter));
  }

  /** One reading of the store, and the positions that it speaks for. */
  async #read(readable: Readable, order: PageBounds['order'], limit: number): Promise<Stretch> {
    const { after, through } = readable;
    const rows = await this.#page(readable, boundsOf(readable, order, limit));
    const span = rows.length < limit ? { after, through } : spanTo(readable, order, rows.at(-1)?.seq ?? 0);
    return { rows, span };
  }
}

/** What the room's present retention has ended is nothing, though the copy in the store still has the life it got. */
function livingRow(row: PositionRow, bornAfter: number): PositionRow {
  return row.kind === 'own' && row.at <= bornAfter ? { seq: row.seq, kind: 'nothing' } : row;
}

/** Positions that hold nothing yet: one more than can be settled in one step, at most. */
function unsettledIn(
  { rows, span }: Stretch,
  settledThrough: number,
  order: PageBounds['order'],
): readonly number[] {
  const open = { after: Math.max(span.after, settledThrough), through: span.through };
  return missingFrom(open, rows, order, SETTLE_POSITIONS_MAX + 1);
}

function boundsOf({ after, through }: PositionSpan, order: PageBounds['order'], limit: number): PageBounds {
  return { after, through, order, limit };
}

/** The part of a span from the end where the order begins up to, and with, a position. */
function spanTo({ after, through }: PositionSpan, order: PageBounds['order'], seq: number): PositionSpan {
  return order === 'ascending' ? { after, through: seq } : { after: seq - 1, through };
}

/** The part of a span from the end where the order begins up to, but without, a position. */
function spanBefore(span: PositionSpan, order: PageBounds['order'], seq: number): PositionSpan {
  return order === 'ascending' ? { ...span, through: seq - 1 } : { ...span, after: seq };
}
