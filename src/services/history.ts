import { memberOf } from '../domain/roster.ts';
import type { MessageStore, PageBounds, PositionRow } from '../ports/message-store.ts';
import type { RoomStore } from '../ports/room-store.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';
import type { History } from './api.ts';
import type { Caller } from './caller.ts';
import { HistoryPage } from './history-page.ts';
import type { RoomViews } from './room-views.ts';
import { missingFrom, type PositionSpan, SETTLE_POSITIONS_MAX, type Settling } from './settling.ts';

/** Reads of the room for one page; a page of fewer messages than asked for says `more`. */
export const STRETCHES_MAX = 3;
/** Rows read at a time at least: most of them may hold nothing for this reader. */
const ROWS_MIN = 64;

/** Positions of a room that one reader may be told of. */
interface Readable extends PositionSpan {
  readonly room: RoomId;
  readonly reader: UserId;
  readonly retention: number;
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
    const { retention } = current.view;
    const readable = { room, reader: caller.user, retention, after: member.joined, through: current.head };
    return before === undefined
      ? this.#forwards(readable, after ?? 0, limit)
      : this.#backwards(readable, before, limit);
  }

  async #forwards(readable: Readable, after: number, limit: number): Promise<ReplyBody<'history'>> {
    const head = readable.through;
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
    const { messages, rooms, settling } = this.#parts;
    const { room, reader, retention } = readable;
    const limit = Math.max(ROWS_MIN, wanted);
    const rows = await messages.page(room, reader, boundsOf(readable, order, limit));
    const read = rows.length < limit ? spanOf(readable) : spanTo(readable, order, rows.at(-1)?.seq ?? 0);
    if (rows.length === read.through - read.after) return { rows, span: read };
    const settledThrough = (await rooms.byId(room))?.settledThrough ?? 0;
    const open = { after: Math.max(read.after, settledThrough), through: read.through };
    const missing = missingFrom(open, rows, order, SETTLE_POSITIONS_MAX + 1);
    // What would be settled one position too many ends the stretch before it.
    const beyond = missing.length > SETTLE_POSITIONS_MAX ? missing.at(-1) : undefined;
    const span = beyond === undefined ? read : spanBefore(read, order, beyond);
    const positions = missing.slice(0, SETTLE_POSITIONS_MAX);
    if (positions.length === 0) return { rows, span };
    await settling.settle(room, positions, retention);
    if (span.after <= settledThrough) settling.noteSettled(room, span.through);
    // What came before its position was settled is there now.
    const again = await messages.page(room, reader, boundsOf(span, order, rows.length + positions.length));
    return { rows: again, span };
  }
}

function boundsOf({ after, through }: PositionSpan, order: PageBounds['order'], limit: number): PageBounds {
  return { after, through, order, limit };
}

function spanOf({ after, through }: PositionSpan): PositionSpan {
  return { after, through };
}

/** The part of a span from the end where the order begins up to, and with, a position. */
function spanTo({ after, through }: PositionSpan, order: PageBounds['order'], seq: number): PositionSpan {
  return order === 'ascending' ? { after, through: seq } : { after: seq - 1, through };
}

/** The part of a span from the end where the order begins up to, but without, a position. */
function spanBefore(span: PositionSpan, order: PageBounds['order'], seq: number): PositionSpan {
  return order === 'ascending' ? { ...span, through: seq - 1 } : { ...span, after: seq };
}
